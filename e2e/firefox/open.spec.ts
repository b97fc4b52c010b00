import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "playwright/test";
import type { Page } from "puppeteer-core";
import { test } from "./fixtures.js";

declare global {
  /** What the page wanted to have downloaded. */
  var saved: Blob | undefined;
}

async function waitForReady(page: Page): Promise<void> {
  const status = () => page.$eval('[role="status"]', (element) => element.textContent);
  await expect.poll(status, { timeout: 45_000 }).toContain("ready");
}

/** Standard output and standard error of a command line. */
async function run(page: Page, commandLine: string): Promise<string> {
  return page.evaluate(async (line) => {
    const { stdout, stderr } = await globalThis.vm!.exec(line);
    return stdout + stderr;
  }, commandLine);
}

test("opens, keeps /mnt/home over a reload, and takes dropped files read-only", async ({ firefoxPage: page }) => {
  test.setTimeout(120_000);
  await waitForReady(page);
  expect(
    await run(page, "mkdir -p /mnt/home/a/b && echo kept > /mnt/home/a/b/file && mv /mnt/home/a/b /mnt/home/c && sync"),
  ).toBe("");
  await page.reload();
  await waitForReady(page);
  expect(await run(page, "cat /mnt/home/c/file; ls /mnt/home")).toBe("kept\na\nc\n");

  // WebDriver BiDi drops no files, and a script cannot make a folder's entry: a file stands for both.
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["dropped text"], "dropped.txt"));
    for (const type of ["dragenter", "dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  });
  await page.waitForFunction(() => globalThis.vm!.shares.some((share) => share.tag === "files"));
  expect(await run(page, "cat /mnt/files/dropped.txt; echo x > /mnt/files/new")).toMatch(
    /^dropped text.*Read-only file system/s,
  );
});

test("files go into a share, and come out one by one and as a zip", async ({ firefoxPage: page }) => {
  test.setTimeout(120_000);
  await waitForReady(page);
  const out = await page.evaluate(async () => {
    const home = globalThis.vm!.shares[0]!;
    await home.write("d/file", new Blob(["from the page"]));
    const { size, stream } = await home.read("d/file");
    const zip = new Uint8Array(await new Response(await home.zip("d")).arrayBuffer());
    const names = (await home.list("d")).map(({ name }) => name);
    return [size, await new Response(stream).text(), names, String.fromCharCode(...zip.slice(0, 2))];
  });
  expect(out).toEqual([13, "from the page", ["file"], "PK"]);
  expect(await run(page, "cat /mnt/home/d/file")).toBe("from the page");
});

test("a dropped file is tried out, and what Linux changed comes out as a zip", async ({ firefoxPage: page }) => {
  test.setTimeout(120_000);
  await waitForReady(page);
  await page.evaluate(() => {
    // A download goes where no test can look: what it is of can be read here.
    URL.createObjectURL = (blob: Blob) => {
      globalThis.saved = blob;
      return "#";
    };
    HTMLAnchorElement.prototype.click = () => {};
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["one\n"], "notes ü.txt"));
    const drag = (type: string, target: Element): boolean =>
      target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    drag("dragenter", document.body);
    drag("drop", document.querySelector('.drop-target[data-access="copy-on-write"]')!);
  });
  await page.waitForFunction(() => globalThis.vm!.shares.some(({ access }) => access === "copy-on-write"));
  expect(await run(page, "cd /mnt/files && echo two >> 'notes ü.txt' && mkdir -p new/empty && cat 'notes ü.txt'")).toBe(
    "one\ntwo\n",
  );
  await page.waitForSelector('::-p-aria([name="Changes… files"])').then((button) => button!.click());
  await page.waitForSelector('::-p-aria([name="Download as zip"])').then((button) => button!.click());
  await page.waitForFunction(() => globalThis.saved !== undefined);
  const zip = await page.evaluate(async () => [...new Uint8Array(await globalThis.saved!.arrayBuffer())]);
  const file = join(await mkdtemp(join(tmpdir(), "changes-")), "changes.zip");
  await writeFile(file, Buffer.from(zip));
  const list = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nfor n in z.namelist(): print(n, z.read(n))";
  expect(execFileSync("python3", ["-c", list, file], { encoding: "utf8" })).toBe(
    "new/ b''\nnew/empty/ b''\nnotes ü.txt b'one\\ntwo\\n'\n",
  );
  await rm(dirname(file), { recursive: true });
  // The only copy is in this page.
  expect(await page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })))).toBe(true);
});
