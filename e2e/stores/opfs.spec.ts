import { expect } from "playwright/test";
import { Errno } from "../../src/posix/errno.js";
import { labOf, test } from "./lab.js";

test("a full quota is ENOSPC, and nothing of the request is written", async ({ page, context, lab, start }) => {
  await start("opfs");
  await lab.create("big");
  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 8 << 20 });
  expect(await lab.errnoOf("fill", "big", 100)).toBe(Errno.ENOSPC);
  await lab.close("big");
  const { size } = await lab.stat("big");
  expect(size % (128 << 10)).toBe(0);
  expect(size).toBeLessThanOrEqual(8 << 20);
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  await lab.open("big", true);
  expect(await lab.fill("big", 100)).toBe(100);
});

test("a second tab reads what the owner writes, and cannot write", async ({ context, page, lab, start }) => {
  await start("opfs");
  await lab.create("file");
  await lab.write("file", 0, "one");
  const second = await context.newPage();
  await second.goto(page.url());
  await second.waitForFunction(() => globalThis.lab !== undefined);
  const reader = labOf(second);
  await second.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await globalThis.lab.start("opfs", await root.getDirectoryHandle("share"), true);
  });
  expect(await reader.errnoOf("create", "new")).toBe(Errno.EROFS);
  await reader.open("file", false);
  expect(await reader.read("file")).toBe("one");
  await lab.write("file", 0, "two");
  await lab.flush("file");
  await reader.close("file");
  await reader.open("file", false);
  expect(await reader.read("file")).toBe("two");
});

test("a tab that is killed leaves no lock, and what it wrote", async ({ context, page, lab, start }) => {
  await start("opfs");
  await lab.create("file");
  await lab.write("file", 0, "content");
  const url = page.url();
  await page.close();
  const next = await context.newPage();
  await next.goto(url);
  await next.waitForFunction(() => globalThis.lab !== undefined);
  const after = labOf(next);
  await next.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await globalThis.lab.start("opfs", await root.getDirectoryHandle("share"));
  });
  await after.open("file", true);
  expect(await after.read("file")).toBe("content");
});

test("the content of a removed file goes with the tab that had it open", async ({ context, page, lab, start }) => {
  await start("opfs");
  await lab.create("file");
  await lab.write("file", 0, "content");
  await lab.remove("file");
  await lab.write("file", 7, " and more");
  expect(await lab.read("file")).toBe("content and more");
  const url = page.url();
  await page.close();
  const next = await context.newPage();
  await next.goto(url);
  await next.waitForFunction(() => globalThis.lab !== undefined);
  expect(await labOf(next).leftovers()).toEqual([]);
  const owners = await next.evaluate(async () => {
    const own = await (await navigator.storage.getDirectory()).getDirectoryHandle(".v86-virtiofs");
    const names: string[] = [];
    for await (const name of (await own.getDirectoryHandle("scratch")).keys()) names.push(name);
    return names;
  });
  expect(owners).toHaveLength(1);
});

test("the root of OPFS does not show what is ours", async ({ page, lab }) => {
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await globalThis.lab.start("opfs", root);
  });
  expect(await lab.list()).toEqual([]);
  expect(await lab.errnoOf("list", ".v86-virtiofs")).toBe(Errno.ENOENT);
  expect(await lab.errnoOf("remove", ".v86-virtiofs")).toBe(Errno.ENOENT);
  await lab.mkdir(".v86-virtiofs");
  await lab.create(".v86-virtiofs/file");
  expect(await lab.list()).toEqual([".v86-virtiofs"]);
  expect(await lab.list(".v86-virtiofs")).toEqual(["file"]);
  const names = await page.evaluate(async () => {
    const found: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(name);
    return found.sort();
  });
  expect(names).toEqual([".v86-virtiofs", "\uf02ev86-virtiofs"]);
});

test("a swap file of the page is hidden while it is one", async ({ page, lab, start }) => {
  await start("opfs");
  await lab.create("file");
  await lab.close("file");
  await lab.create("other.crswap");
  await lab.create("other");
  await lab.create("file.crswap");
  await page.evaluate(async () => {
    const share = await (await navigator.storage.getDirectory()).getDirectoryHandle("share");
    const writable = await (await share.getFileHandle("file")).createWritable();
    await writable.write("from the page");
    Object.assign(globalThis, { writable });
  });
  expect(await lab.list()).toEqual(["file", "file.crswap", "other", "other.crswap"]);
  await page.evaluate(() => (globalThis as unknown as { writable: WritableStream }).writable.close());
  await lab.open("file", false);
  expect(await lab.read("file")).toBe("from the page");
});
