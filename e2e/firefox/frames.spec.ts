import { expect, mergeTests } from "playwright/test";
import type { Frame, Page } from "puppeteer-core";
import { test as frameTest } from "../embed/fixtures.js";
import { test as firefoxTest } from "./fixtures.js";

const test = mergeTests(frameTest, firefoxTest);

/** The frame of another site, once its machine runs. */
async function frameOf(page: Page): Promise<Frame> {
  const element = await page.waitForSelector("iframe");
  const frame = await element!.contentFrame();
  await frame.waitForFunction(() => globalThis.embedded !== undefined, { timeout: 45_000 });
  return frame;
}

test("a frame of another site runs its command and has its files", async ({ firefoxPage: page, site, frameUrl }) => {
  test.setTimeout(120_000);
  const address = `${frameUrl}#load=now&amp;file:a=of%20the%20address&amp;command=cat%20/mnt/files/a`;
  site.put("/", `<!doctype html><iframe title="Linux" src="${address}" width="800" height="400"></iframe>`);
  await page.goto(`${site.origin}/`);
  const frame = await frameOf(page);
  const text = (): Promise<string> =>
    frame.evaluate(() => {
      const { active } = globalThis.embedded!.terminal.buffer;
      return Array.from({ length: active.length }, (_, row) => active.getLine(row)!.translateToString(true)).join("\n");
    });
  await expect.poll(text, { timeout: 30_000 }).toMatch(/^of the address/m);
});

test("embed() runs commands and shares files, and there is no dialog for folders", async ({
  firefoxPage: page,
  site,
  frameUrl,
}) => {
  test.setTimeout(120_000);
  site.put(
    "/",
    `<!doctype html><iframe title="Linux" src="${frameUrl}#allow=${site.origin}" width="800" height="400"></iframe>
     <script type="module" src="/host/stdin.js"></script>`,
  );
  await page.goto(`${site.origin}/`);
  await page.waitForFunction(() => "embed" in globalThis);
  const found = await page.evaluate(async () => {
    const vm = await globalThis.embed(document.querySelector("iframe")!);
    const task = await vm.share({ files: { "a/b.txt": "text", c: "" } }, { tag: "task", access: "copy-on-write" });
    const { stdout } = await vm.exec("cd /mnt/task; cat a/b.txt; echo answer > a/b.txt; uname -s");
    const answer = await new Response(task.readChange("a/b.txt")).text();
    const inFrame = await vm.share({ opfs: "kept" }).then(
      ({ access }) => access,
      ({ code }: { code: string }) => code,
    );
    // Firefox has no folder dialog.
    const hasDialog = "showDirectoryPicker" in globalThis;
    await vm.stop();
    return { stdout, answer, inFrame, hasDialog };
  });
  expect(found).toEqual({
    stdout: "textLinux\n",
    answer: "answer\n",
    inFrame: expect.stringMatching(/^(read-write|unsupported|bad-source)$/),
    hasDialog: false,
  });
});
