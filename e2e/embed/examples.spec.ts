import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "playwright/test";
import { Embedded, test } from "./fixtures.js";

const EXAMPLES = new URL("../../docs/examples/embed/", import.meta.url);
const documentation = readFile(fileURLToPath(new URL("../../docs/embed.md", import.meta.url)), "utf8");

/** An example as a site would have it: at its own address, with the frame where it is served here. */
async function example(name: string, frameUrl: string, origin: string): Promise<string> {
  const text = await readFile(fileURLToPath(new URL(name, EXAMPLES)), "utf8");
  return text
    .replaceAll("https://vm.example/embed.html", frameUrl)
    .replaceAll("allow=https://docs.example", `allow=${origin}`);
}

test("a page with a lesson in a frame, as the documentation has it", async ({ page, site, frameUrl }) => {
  const [frame] = /<iframe.*<\/iframe>/s.exec(await readFile(fileURLToPath(new URL("lesson.html", EXAMPLES)), "utf8"))!;
  expect(await documentation).toContain(frame.replace(/^ {2}/gm, ""));
  site.put("/lesson.html", await example("lesson.html", frameUrl, site.origin));
  await page.goto(`${site.origin}/lesson.html`);
  const vm = new Embedded(page, 0);
  await expect(vm.frame.getByText("Click to try it")).toBeVisible();
  await expect(vm.frame.getByRole("heading", { name: "Lesson 1" })).toBeVisible();
  await vm.startButton.click();
  await vm.waitForText("# sh /mnt/files/hello.sh");
  await vm.frame.getByRole("textbox", { name: "Terminal input" }).focus();
  await page.keyboard.press("Enter");
  await vm.waitForText(/\nhello\n/);
});

test("a page that controls a frame, as the documentation has it", async ({ page, site, frameUrl }) => {
  const script = await example("control.js", frameUrl, site.origin);
  expect(await documentation).toContain(await readFile(fileURLToPath(new URL("control.js", EXAMPLES)), "utf8"));
  // In place of a bundler, which knows the package by its name.
  site.put("/control.js", script.replace("v86-virtiofs/embed", "/package.js"), { type: "text/javascript" });
  site.put("/package.js", `import "/host/stdin.js"; export const embed = globalThis.embed;`, {
    type: "text/javascript",
  });
  site.put("/control.html", await example("control.html", frameUrl, site.origin));
  await page.addInitScript(() => {
    // No dialog can be driven: what it would give.
    window.showDirectoryPicker = async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("mine", { create: true });
      await folder.getFileHandle("one.txt", { create: true });
      return folder;
    };
  });
  await page.goto(`${site.origin}/control.html`);
  const result = page.locator("output");
  await expect(result).toHaveText(/^Running Linux 6\.12/, { timeout: 45_000 });
  await page.getByRole("button", { name: "Check my answer" }).click();
  await expect(result).toHaveText("Not yet.");
  await new Embedded(page, 0).run("echo 42 > /mnt/task/answer.txt");
  await page.getByRole("button", { name: "Check my answer" }).click();
  await expect(result).toHaveText("Right.");
  await page.getByRole("button", { name: "Share a folder…" }).click();
  await expect(result).toHaveText("one.txt\n");
});
