import { describe, expect, it } from "vitest";
import { FolderDouble } from "../testing/folder-double.js";
import type { CopyLabel, Leftover } from "../web/scratch.js";
import { removeLeftSwap } from "./left-swaps.js";

const BEGUN = Date.UTC(2026, 10, 23, 12);

/** A scratch copy of "file" that was being saved when its Worker died. */
function leftover(label: Partial<CopyLabel> = {}): Leftover {
  return {
    label: { share: "folder", path: "file", saving: BEGUN, ...label },
    file: async () => new File(["all that was saved"], "copy-1"),
    discard: async () => {},
  };
}

async function namesLeft(swap: string, modified: number, left = leftover()): Promise<string[]> {
  const folder = new FolderDouble();
  folder.putOnDisk("file", "before");
  folder.putOnDisk("file.crswap", swap, modified);
  await removeLeftSwap(folder.asDirectory(), left);
  return folder.namesOnDisk();
}

describe("of a save that was cut off", () => {
  it.each(["", "all that", "all that was saved"])("the swap file goes with “%s” in it", async (swap) => {
    expect(await namesLeft(swap, BEGUN + 5)).toEqual(["file"]);
  });

  it("the swap file goes where the disk rounds its time", async () => {
    expect(await namesLeft("all", BEGUN - 1500)).toEqual(["file"]);
  });

  it("the swap file goes from below", async () => {
    const folder = new FolderDouble();
    const below = await folder.getDirectoryHandle("below", { create: true });
    below.putOnDisk("file.crswap", "all", BEGUN);
    await removeLeftSwap(folder.asDirectory(), leftover({ path: "below/file" }));
    expect(below.namesOnDisk()).toEqual([]);
    await removeLeftSwap(folder.asDirectory(), leftover({ path: "gone/file" }));
  });
});

describe("a file of the visitor's that has a swap file's name stays", () => {
  it.each(["All", "all that was saved, and more", "the visitor's"])("with “%s” in it", async (text) => {
    expect(await namesLeft(text, BEGUN + 5)).toEqual(["file", "file.crswap"]);
  });

  it("where it was there before", async () => {
    expect(await namesLeft("all that", BEGUN - 60_000)).toEqual(["file", "file.crswap"]);
  });

  it("where nothing was being saved", async () => {
    const { label, ...rest } = leftover();
    const { saving: _, ...unsaved } = label!;
    for (const left of [
      { ...rest, label: unsaved },
      { ...rest, label: undefined },
    ]) {
      expect(await namesLeft("all that", BEGUN + 5, left)).toEqual(["file", "file.crswap"]);
    }
  });
});
