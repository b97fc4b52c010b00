import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "playwright/test";
import { BESIDE_FRAME, acceptDrop, test } from "./fixtures.js";

test.beforeEach(async ({ show, site, page }) => {
  await show([`allow=${site.origin}`]);
  await page.evaluate(async () => {
    globalThis.vm2 = await globalThis.embed(document.querySelector("iframe")!);
  });
});

test("a folder has one owner among shares and pages: the next is read-only, and told", async ({
  page,
  context,
  site,
  folder,
  drop,
}) => {
  await acceptDrop(page);
  await drop([folder], BESIDE_FRAME);
  const found = await page.evaluate(async () => {
    const { vm2 } = globalThis;
    const handle = await globalThis.droppedFolder;
    const [first, second] = [await vm2.share(handle, { tag: "one" }), await vm2.share(handle, { tag: "two" })];
    const { exitCode, stderr } = await vm2.exec("echo 1 > /mnt/one/a && echo 2 > /mnt/two/b");
    const { access, problem } = second;
    await first.remove();
    await second.remove();
    const third = await vm2.share(handle, { tag: "three" });
    await vm2.exec("echo 3 > /mnt/three/c");
    await third.flush();
    return { first: first.access, access, problem, exitCode, stderr, third: third.access };
  });
  expect(found).toEqual({
    first: "read-write",
    access: "read-only",
    problem: "It is shared already, by this page or another: read-only here.",
    exitCode: 1,
    stderr: expect.stringContaining("Read-only file system"),
    third: "read-write",
  });
  expect(await readFile(join(folder, "a"), "utf8")).toBe("1\n");
  expect(await readFile(join(folder, "c"), "utf8")).toBe("3\n");
  const known = (): Promise<number> =>
    page.evaluate(async () => {
      const opening = indexedDB.open("v86-virtiofs");
      await new Promise((resolve) => opening.addEventListener("success", resolve));
      const counting = opening.result.transaction("folders").objectStore("folders").count();
      await new Promise((resolve) => counting.addEventListener("success", resolve));
      opening.result.close();
      return counting.result;
    });
  expect(await known()).toBe(1);

  // Another page of the site.
  site.put("/other", "<!doctype html><title>Another</title>");
  const other = await context.newPage();
  await other.goto(`${site.origin}/other`);
  const held = await other.evaluate(async () => (await navigator.locks.query()).held!.map(({ name }) => name));
  expect(held).toEqual([expect.stringMatching(/^v86-virtiofs:folder:/)]);
  // No machine of this site has had the folder: once it is let go of, nothing is remembered.
  await page.evaluate(() => globalThis.vm2.shares[0]!.remove());
  expect(await known()).toBe(0);
});

test("a directory of the browser has one owner too", async ({ page }) => {
  const found = await page.evaluate(async () => {
    const { vm2 } = globalThis;
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("ours", { create: true });
    const inside = await root.getDirectoryHandle("inside", { create: true });
    const first = await vm2.share(root);
    const second = await vm2.share(inside);
    const readOnly = await vm2.share(root, { tag: "look", access: "read-only" });
    return [first, second, readOnly].map(({ access, problem }) => [access, problem]);
  });
  expect(found).toEqual([
    ["read-write", undefined],
    ["read-only", "It is open elsewhere: read-only here."],
    ["read-only", undefined],
  ]);
});

test("the browser asks before a page is closed whose folder has not everything", async ({ page }) => {
  await page.evaluate(async () => {
    const { vm2 } = globalThis;
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("ours", { create: true });
    // As on a disk that is full, or a network drive that is gone.
    const blocked = await root.getFileHandle("a", { create: true });
    globalThis.blocking = await blocked.createWritable({ mode: "exclusive" } as FileSystemCreateWritableOptions);
    await vm2.share(root);
    await vm2.exec("echo unsaved > /mnt/ours/a");
  });
  await page.locator("body").click({ position: { x: 5, y: 5 } }); // Chromium asks only those who have touched the page.
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  const text = await page.evaluate(async () => {
    await globalThis.blocking.abort();
    await globalThis.vm2.shares[0]!.flush();
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("ours");
    await globalThis.vm2.shares[0]!.remove();
    return (await (await root.getFileHandle("a")).getFile()).text();
  });
  expect(text).toBe("unsaved\n");
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => page.isClosed()).toBe(true);
});

declare global {
  var blocking: FileSystemWritableFileStream;
}
