import { describe, expect, it } from "vitest";
import { Errno } from "../../posix/errno.js";
import { contentOf, directoryIn, fails, fileIn, names, readAt } from "../testing/store-case.js";
import { entriesOfFileList, entriesOfRecord } from "./dropped-entry.js";
import { DroppedStore } from "./dropped-store.js";

describe("DroppedStore", () => {
  it("has text, bytes and blobs by path, and directories", async () => {
    const files = { "a.txt": "text", "d/e/b": Uint8Array.of(66), "d/c": new Blob(["blob"]), "empty/": "" };
    const { root } = new DroppedStore(entriesOfRecord(files));
    expect(await names(root)).toEqual(["a.txt", "d", "empty"]);
    expect(await contentOf(root, "a.txt")).toBe("text");
    const d = await directoryIn(root, "d");
    expect(await contentOf(d, "c")).toBe("blob");
    expect(await contentOf(await directoryIn(d, "e"), "b")).toBe("B");
    expect(await names(await directoryIn(root, "empty"))).toEqual([]);
  });

  it("has selected files where they were", async () => {
    const plain = new File(["1"], "plain", { lastModified: 5000 });
    const below = Object.defineProperty(new File(["2"], "below"), "webkitRelativePath", { value: "picked/in/below" });
    const { root } = new DroppedStore(entriesOfFileList([plain, below]));
    expect(await (await fileIn(root, "plain")).stat()).toEqual({ size: 1, lastModified: 5000 });
    const inner = await directoryIn(await directoryIn(root, "picked"), "in");
    expect(await contentOf(inner, "below")).toBe("2");
  });

  it("reads a large blob in ranges", async () => {
    const bytes = new Uint8Array(3_000_000).map((_, i) => i >> 8);
    const { root } = new DroppedStore([{ path: "big", content: new Blob([bytes]) }]);
    const open = await (await fileIn(root, "big")).open(false);
    for (const at of [0, 131_072, 262_144, 2_900_000, 5]) {
      expect(await readAt(open, at, 131_072)).toEqual(bytes.subarray(at, at + 131_072));
    }
  });

  it("refuses paths that lead elsewhere, and a file that is a directory", async () => {
    for (const path of ["../x", "a//b", "a/./b", "a/../b"]) {
      await fails(Errno.EINVAL, () => new DroppedStore(entriesOfRecord({ [path]: "" })), path);
    }
    await fails(Errno.EEXIST, () => new DroppedStore(entriesOfRecord({ a: "", "a/b": "" })), "a and a/b");
  });

  it("shows names as the guest wrote them", async () => {
    const long = "\uf03a".repeat(255);
    const files = { "a\uf03ab/\uf063on": "1", "bytes\uf0ff": "2", A: "3", "\uf041": "4", [long]: "5" };
    const { root } = new DroppedStore(entriesOfRecord(files));
    expect(await names(root)).toEqual(["A", "a:b", "bytes\udcff", "\uf041", ":".repeat(255)].toSorted());
    expect(await contentOf(await directoryIn(root, "a:b"), "con")).toBe("1");
    expect(await contentOf(root, "\uf041")).toBe("4");
    expect(root.get("a\uf03ab")).toBeUndefined();
  });

  it("cannot be changed", async () => {
    const { root } = new DroppedStore(entriesOfRecord({ file: "content" }));
    await fails(Errno.EROFS, () => root.createFile("new"), "createFile");
    await fails(Errno.EROFS, () => root.remove("file"), "remove");
    await fails(Errno.EROFS, async () => (await fileIn(root, "file")).open(true), "open");
  });
});
