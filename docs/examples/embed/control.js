import { embed } from "v86-virtiofs/embed";

const [check, folder, result] = ["check", "folder", "result"].map((id) => document.getElementById(id));

// The frame's address has #allow=https://docs.example, the origin of this page.
const vm = await embed(document.querySelector("iframe"));
const { stdout } = await vm.exec("uname -sr");
result.value = `Running ${stdout.trim()}.`;

// Files and plain texts go over whole.
const task = await vm.share({ files: { "answer.txt": "" } }, { tag: "task", access: "copy-on-write" });

async function checkAnswer() {
  // What the visitor made of it.
  const changes = await task.changes();
  const isChanged = changes.some(({ path }) => path === "answer.txt");
  const answer = isChanged ? await new Response(task.readChange("answer.txt")).text() : "";
  result.value = answer.trim() === "42" ? "Right." : "Not yet.";
}

async function shareFolder() {
  const handle = await showDirectoryPicker({ mode: "readwrite" });
  const share = await vm.share(handle);
  const { stdout: names } = await vm.exec(["ls", share.mountPoint]);
  await share.flush(); // Everything that Linux wrote is in the folder.
  result.value = share.problem ?? names;
}

check.addEventListener("click", () => void checkAnswer());
folder.addEventListener("click", () => void shareFolder());
check.disabled = folder.disabled = false;
