import "v86-virtiofs/element";

const PLANETS = "Mercury\nVenus\nEarth\nMars\nJupiter\nSaturn\nUranus\nNeptune\n";
const ANSWER = 8;

const machine = document.querySelector("linux-vm");

/** The lesson's file is on its way, or there. A share's event comes when it is mounted, before the machine is ready. */
let prepared;
machine.addEventListener("share", ({ detail: { share } }) => {
  prepared = share.write("planets.txt", PLANETS, { replace: true });
});

/** The machine with the lesson's file; starts it where that has not happened yet. */
async function lessonMachine() {
  const vm = await machine.start();
  await prepared;
  return vm;
}

for (const button of document.querySelectorAll("button[data-run]")) {
  const output = button.parentElement.querySelector("output");
  button.addEventListener("click", () => {
    void show(output, async () => {
      const vm = await lessonMachine();
      const { exitCode, stdout, stderr } = await vm.exec(button.dataset.run);
      return exitCode === 0 ? stdout : `${stderr}(exit code ${exitCode})`;
    });
  });
}

document.querySelector("#check").addEventListener("click", () => {
  void show(document.querySelector("#verdict"), async () => {
    const vm = await lessonMachine();
    const lesson = vm.shares.find(({ tag }) => tag === "lesson");
    const names = (await lesson.list()).map(({ name }) => name);
    if (!names.includes("answer.txt")) return "There is no answer.txt in /mnt/lesson yet.";
    // As Linux has it, saved or not.
    const { size, stream } = await lesson.read("answer.txt");
    if (size > 1000) return "answer.txt is longer than a number.";
    const answer = Number.parseInt(await new Response(stream).text(), 10);
    return answer === ANSWER ? "Right!" : `Not ${answer}: look at wc -l again.`;
  });
});

/** Shows what `work` gives, or why it could not. */
async function show(output, work) {
  output.textContent = "…";
  try {
    output.textContent = await work();
  } catch (error) {
    output.textContent = error.message;
  }
}
