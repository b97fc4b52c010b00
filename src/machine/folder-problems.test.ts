import { beforeEach, expect, it } from "vitest";
import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";
import { FolderProblems } from "./folder-problems.js";

let told: string | undefined;
let problems: FolderProblems;

beforeEach(() => {
  told = undefined;
  problems = new FolderProblems("project", (problem) => (told = problem));
});

function conflict(path: string, date: string): void {
  problems.received({ kind: "conflict", path, conflictName: `${path}.conflict-${date}` });
}

function notSaved(path: string): void {
  problems.received({ kind: "not-saved", path, bytes: 1, error: new FsError(Errno.EACCES), why: "it is read-only." });
}

it("tells of each file that was changed on both sides, the newest first", () => {
  conflict("a", "1");
  conflict("b", "1");
  expect(told).toMatch(/^b was changed.*as b\.conflict-1\. a was changed.*as a\.conflict-1\.$/);
  conflict("a", "2");
  expect(told).toMatch(/^a was changed.*as a\.conflict-2\. b was changed/);
});

it("tells of three files, and how many more there are", () => {
  for (const path of ["a", "b", "c", "d"]) notSaved(path);
  expect(told).toMatch(/^d could.* c could.* b could.* 1 more file has a problem\.$/);
  notSaved("e");
  expect(told).toMatch(/^e could.* d could.* c could.* 2 more files have a problem\.$/);
  problems.received({ kind: "saved", path: "e" });
  problems.received({ kind: "saved", path: "a" });
  expect(told).toMatch(/^d could.* c could.* b could not be saved and is tried again: it is read-only\.$/);
});

it("says the same when the same is tried again in vain", () => {
  notSaved("a");
  notSaved("b");
  const before = told;
  notSaved("a");
  expect(told).toBe(before);
});

it("tells only of the folder while it cannot be reached", () => {
  conflict("a", "1");
  problems.received({ kind: "access", access: "gone" });
  notSaved("b");
  expect(told).toMatch(/^The folder “project” is gone from the disk\./);
  problems.received({ kind: "saved", path: "b" });
  problems.received({ kind: "access", access: "available" });
  expect(told).toMatch(/^a was changed/);
});
