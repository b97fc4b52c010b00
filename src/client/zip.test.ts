import { expect, it } from "vitest";
import { MachineError } from "../machine/machine-error.js";
import type { ShareEntry, ShareFile } from "./types.js";
import { zipOf } from "./zip.js";

const MODIFIED = Date.UTC(2026, 10, 23);
/** "PK" 1, 2: a file's header in the central directory (APPNOTE.TXT 4.3.12), with its name's length at 28 and its name at 46. */
const CENTRAL = 0x02014b50;

/** Files by path; the directories are those on the way. */
class Tree {
  readonly files = new Map<string, string>();

  /** Paths of files that change under the next one who reads them. */
  readonly changing: string[] = [];

  constructor(...paths: readonly string[]) {
    for (const path of paths) this.files.set(path, `content of ${path}`);
  }

  list = async (path: string): Promise<ShareEntry[]> => {
    const prefix = path === "" ? "" : `${path}/`;
    const below = [...this.files.keys()].filter((each) => each.startsWith(prefix));
    if (below.length === 0) throw new MachineError("not-found", `“${path}” is not there.`);
    const names = new Set(below.map((each) => each.slice(prefix.length).split("/")[0]!));
    return [...names].map((name) => ({
      name,
      kind: this.files.has(prefix + name) ? "file" : "directory",
      size: 0,
      modified: MODIFIED,
    }));
  };

  open = async (path: string): Promise<ShareFile> => {
    const content = this.files.get(path);
    if (content === undefined) throw new MachineError("not-found", `“${path}” is not there.`);
    const stream = this.changing.includes(path)
      ? new ReadableStream({
          pull: () => {
            this.changing.splice(this.changing.indexOf(path), 1);
            throw new MachineError("not-readable", `“${path}” was changed while it was read.`);
          },
        })
      : new Blob([content]).stream();
    return { size: content.length, modified: MODIFIED, stream };
  };
}

/** Zips all of the tree; `meanwhile` is called when the turn of each file comes. */
async function namesInZip(tree: Tree, meanwhile: (path: string) => void): Promise<string[]> {
  const zip = zipOf(tree, "", await tree.list(""), { onEntry: meanwhile });
  const bytes = Buffer.from(await new Response(zip as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
  const names: string[] = [];
  for (let at = 0; at < bytes.length - 46; at++) {
    if (bytes.readUInt32LE(at) !== CENTRAL) continue;
    names.push(bytes.toString("utf8", at + 46, at + 46 + bytes.readUInt16LE(at + 28)));
  }
  return names;
}

it("what is removed before its turn comes is left out, and the rest is there", async () => {
  const tree = new Tree("a", "b", "c", "d/e", "d/f", "g/h");
  const names = await namesInZip(tree, (path) => {
    if (path !== "a") return;
    tree.files.delete("b");
    tree.files.delete("d/e");
    tree.files.delete("d/f");
  });
  expect(names).toEqual(["a", "c", "d/", "g/", "g/h"]);
});

it("a share that is removed meanwhile makes no zip that ends short", async () => {
  const tree = new Tree("a", "b", "c");
  await expect(namesInZip(tree, () => tree.files.clear())).rejects.toThrow("is not there");
});

it("a file that is changed before its first bytes were read is read anew, and said to be unreadable if that goes on", async () => {
  const tree = new Tree("a", "b");
  tree.changing.push("b", "b");
  expect(await namesInZip(tree, () => {})).toEqual(["a", "b"]);
  tree.changing.push("b", "b", "b");
  await expect(namesInZip(tree, () => {})).rejects.toThrow("“b” was changed while it was read.");
});
