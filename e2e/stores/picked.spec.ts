import { chmod, mkdir, open, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "playwright/test";
import { Errno } from "../../src/posix/errno.js";
import { BLOCK } from "../fixtures/real-folder.js";
import { labOf, test } from "./lab.js";

test("a file is on the disk a second after the last write, whole", async ({ lab, start, folder }) => {
  await start("picked");
  await lab.create("log");
  expect(await readdir(folder)).toEqual(["log"]);
  await lab.write("log", 0, "first, ");
  await lab.write("log", 7, "second");
  expect(await lab.unsaved("log")).toBe(13);
  expect(await readFile(join(folder, "log"), "utf8")).toBe("");
  await expect.poll(() => readFile(join(folder, "log"), "utf8")).toBe("first, second");
  expect(await lab.unsaved("log")).toBe(0);
  await lab.write("log", 13, ", third");
  await lab.flush("log");
  expect(await readFile(join(folder, "log"), "utf8")).toBe("first, second, third");
});

test("a write that never pauses is saved all the same", async ({ lab, start, folder }) => {
  await start("picked");
  await lab.create("log");
  const writing = { go: true };
  const writer = (async () => {
    for (let i = 0; writing.go; i++) {
      await lab.write("log", i, "x");
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  await expect.poll(async () => (await readFile(join(folder, "log"))).length, { timeout: 14_000 }).toBeGreaterThan(10);
  writing.go = false;
  await writer;
});

test("a file that changed outside is a conflict, and neither version is lost", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "notes.txt"), "common");
  await start("picked");
  await lab.open("notes.txt", true);
  await lab.write("notes.txt", 6, " and the guest's");
  await writeFile(join(folder, "notes.txt"), "the visitor's");
  await lab.close("notes.txt");
  const [first, second] = (await readdir(folder)).toSorted();
  expect(first).toBe("notes.txt");
  expect(second).toMatch(/^notes\.txt\.conflict-\d{4}-\d\d-\d\d-\d{6}$/);
  expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("the visitor's");
  expect(await readFile(join(folder, second!), "utf8")).toBe("common and the guest's");
  expect(await lab.events()).toEqual([{ kind: "conflict", path: "notes.txt", conflictName: second }]);
  await lab.open("notes.txt", false);
  expect(await lab.read("notes.txt")).toBe("the visitor's");
});

test("names that the browser refuses are spelled otherwise on the disk", async ({ lab, start, folder }) => {
  await start("picked");
  for (const name of ["a:b", "con.txt", "end.", "x.crswap", "x", "\uf03a"]) {
    await lab.create(name);
    await lab.write(name, 0, name);
    await lab.close(name);
  }
  const onDisk = ["a\uf03ab", "end\uf02e", "x", "x\uf02ecrswap", "\uf063on.txt", "\uf0ef\uf080\uf0ba"];
  expect((await readdir(folder)).toSorted()).toEqual(onDisk);
  await lab.create("what?");
  await lab.write("what?", 0, "the guest's");
  await writeFile(join(folder, "what\uf03f"), "the visitor's");
  await lab.close("what?");
  expect(await lab.events()).toEqual([
    { kind: "conflict", path: "what?", conflictName: expect.stringMatching(/^what\?\.conflict-/) },
  ]);
});

test("a name that is as long as a swap file's cannot be", async ({ lab, start, folder }) => {
  await start("picked");
  const name = "x".repeat(255);
  await lab.create(name);
  await lab.write(name, 0, "content");
  await lab.flush(name);
  expect(await readFile(join(folder, name), "utf8")).toBe("content");
  await lab.write(name, 0, "CONTENT");
  await lab.close(name);
  expect(await readFile(join(folder, name), "utf8")).toBe("CONTENT");
  expect(await readdir(folder)).toEqual([name]);
  expect(await lab.events()).toEqual([]);
});

test("what stands for one name twice is shown twice", async ({ lab, start, folder }) => {
  for (const name of ["A", "\uf041"]) await writeFile(join(folder, name), `file ${name}`);
  await start("picked");
  expect(await lab.list()).toEqual(["A", "\uf041"]);
  await lab.remove("A");
  expect(await lab.list()).toEqual(["A"]);
  await lab.open("A", false);
  expect(await lab.read("A")).toBe("file \uf041");
});

test("a file that was deleted outside does not come back under its name", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "gone"), "old");
  await start("picked");
  await lab.open("gone", true);
  await lab.write("gone", 0, "new");
  await rm(join(folder, "gone"));
  await lab.flush("gone");
  const names = await readdir(folder);
  expect(names).toEqual([expect.stringMatching(/^gone\.conflict-/)]);
  await lab.write("gone", 3, "er");
  await lab.close("gone");
  expect(await readdir(folder)).toEqual(names);
  expect(await readFile(join(folder, names[0]!), "utf8")).toBe("newer");
});

test("what changes outside is seen, also by a file that is open", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "file"), "one");
  await start("picked");
  await lab.open("file", false);
  expect(await lab.read("file")).toBe("one");
  await writeFile(join(folder, "file"), "number two");
  expect((await lab.stat("file")).size).toBe(10);
  expect(await lab.read("file")).toBe("number two");
  await rename(join(folder, "file"), join(folder, "other"));
  expect(await lab.list()).toEqual(["other"]);
  expect(await lab.errnoOf("open", "file", false)).toBe(Errno.ENOENT);
});

test("a commit of ours does not look like a change", async ({ lab, start }) => {
  await start("picked");
  await lab.create("file");
  await lab.write("file", 0, "content");
  const before = await lab.stat("file");
  await lab.close("file");
  expect(await lab.stat("file")).toEqual(before);
});

test("a folder that vanishes is an I/O error, and the page is told", async ({ lab, start, folder }) => {
  await mkdir(join(folder, "below"));
  await writeFile(join(folder, "below", "file"), "content");
  await start("picked");
  await lab.open("below/file", true);
  await lab.write("below/file", 0, "CONTENT");
  await rm(folder, { recursive: true });
  expect(await lab.errnoOf("list")).toBe(Errno.EIO);
  expect(await lab.errnoOf("create", "new")).toBe(Errno.EIO);
  expect(await lab.errnoOf("flush", "below/file")).toBe(Errno.EIO);
  expect(await lab.unsaved("below/file")).toBe(7);
  expect(await lab.events()).toContainEqual({ kind: "access", access: "gone" });
  expect(await lab.events()).toContainEqual(
    expect.objectContaining({ kind: "not-saved", path: "below/file", bytes: 7 }),
  );
});

test("a request waits for a folder that is away for a moment", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "file"), "content");
  await start("picked");
  await rename(folder, `${folder}-away`);
  const listing = lab.list();
  await expect.poll(() => lab.events()).toContainEqual({ kind: "access", access: "gone" });
  await rename(`${folder}-away`, folder);
  expect(await listing).toEqual(["file"]);
  expect(await lab.events()).toContainEqual({ kind: "access", access: "available" });
});

test("a folder that comes back has what was not saved", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "file"), "old");
  await start("picked");
  await lab.open("file", true);
  await lab.write("file", 0, "new");
  await rename(folder, `${folder}-away`);
  expect(await lab.errnoOf("close", "file")).toBe(Errno.EIO);
  await rename(`${folder}-away`, folder);
  await expect.poll(() => readFile(join(folder, "file"), "utf8")).toBe("new");
  await expect.poll(() => lab.events()).toContainEqual({ kind: "saved", path: "file" });
});

test("a file that may not be written is EACCES, and nothing is lost", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "file"), "old");
  await chmod(join(folder, "file"), 0o444);
  await start("picked");
  await lab.open("file", true);
  await lab.write("file", 0, "new");
  expect(await lab.errnoOf("flush", "file")).toBe(Errno.EACCES);
  expect(await readFile(join(folder, "file"), "utf8")).toBe("old");
  expect(await lab.read("file")).toBe("new");
});

test("read-only: nothing is ever written", async ({ lab, start, folder }) => {
  await writeFile(join(folder, "file"), "content");
  await start("picked", { readOnly: true });
  expect(await lab.errnoOf("create", "new")).toBe(Errno.EROFS);
  expect(await lab.errnoOf("mkdir", "new")).toBe(Errno.EROFS);
  expect(await lab.errnoOf("open", "file", true)).toBe(Errno.EROFS);
  expect(await lab.errnoOf("remove", "file")).toBe(Errno.EROFS);
  expect(await lab.errnoOf("rename", "file", "new")).toBe(Errno.EROFS);
  await lab.open("file", false);
  expect(await lab.errnoOf("write", "file", 0, "x")).toBe(Errno.EBADF);
  expect(await lab.read("file")).toBe("content");
  expect(await readdir(folder)).toEqual(["file"]);
});

test("what the browser hides is not shown, and keeps its directory", async ({ lab, start, folder }) => {
  await mkdir(join(folder, "directory"));
  await writeFile(join(folder, "directory", "file"), "content");
  await symlink("file", join(folder, "directory", "link"));
  await writeFile(join(folder, "a.crswap"), "a file of the visitor");
  await start("picked");
  expect(await lab.list()).toEqual(["a.crswap", "directory"]);
  expect(await lab.list("directory")).toEqual(["file"]);
  expect(await lab.errnoOf("rename", "directory", "moved")).toBe(Errno.ENOTEMPTY);
  expect(await lab.list("directory")).toEqual(["file"]);
  await lab.remove("directory/file");
  expect(await lab.errnoOf("remove", "directory")).toBe(Errno.ENOTEMPTY);
  expect(await readdir(join(folder, "directory"))).toEqual(["link"]);
  expect(await readdir(folder)).toEqual(["a.crswap", "directory"]);
});

test("300 MB are read in ranges, and written after a copy", async ({ lab, start, folder }) => {
  const size = 300 << 20;
  const file = await open(join(folder, "big"), "w");
  await file.truncate(size);
  await file.write("the end", size - 7);
  await file.close();
  await start("picked");
  await lab.open("big", false);
  const { bytes, browserReads } = await lab.readThrough("big");
  expect(bytes).toBe(size);
  expect(browserReads).toBeLessThanOrEqual(size / (1 << 20) + 2);
  await lab.write("big", 0, "the beginning");
  await lab.close("big");
  const again = await open(join(folder, "big"));
  const begin = await again.read(Buffer.alloc(13), 0, 13, 0);
  const end = await again.read(Buffer.alloc(7), 0, 7, size - 7);
  await again.close();
  expect([begin.buffer.toString(), end.buffer.toString()]).toEqual(["the beginning", "the end"]);
});

test("a killed tab leaves the original as it was, and the next visit finds what was written", async ({
  context,
  page,
  lab,
  start,
  folder,
}) => {
  await writeFile(join(folder, "file"), "original");
  await start("picked");
  await lab.open("file", true);
  await lab.write("file", 0, "UNSAVED!");
  await lab.create("saved");
  await lab.write("saved", 0, "saved");
  await lab.close("saved");
  const url = page.url();
  await page.close();
  expect(await readFile(join(folder, "file"), "utf8")).toBe("original");
  expect((await readdir(folder)).toSorted()).toEqual(["file", "saved"]);
  const next = await context.newPage();
  await next.goto(url);
  await next.waitForFunction(() => globalThis.lab !== undefined);
  expect(await labOf(next).leftovers()).toEqual([{ path: "file", text: "UNSAVED!" }]);
});

test.describe("without permission to write", () => {
  test.use({ writeGuard: BLOCK });

  test("a write is EACCES, and the page is told", async ({ lab, start, folder }) => {
    await writeFile(join(folder, "file"), "content");
    await start("picked");
    expect(await lab.errnoOf("create", "new")).toBe(Errno.EACCES);
    expect(await lab.events()).toContainEqual({ kind: "access", access: "denied" });
    await lab.open("file", false);
    expect(await lab.read("file")).toBe("content");
    await lab.write("file", 0, "CONTENT");
    expect(await lab.errnoOf("close", "file")).toBe(Errno.EACCES);
    expect(await lab.events()).not.toContainEqual({ kind: "access", access: "available" });
    expect(await readFile(join(folder, "file"), "utf8")).toBe("content");
  });
});
