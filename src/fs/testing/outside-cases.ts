import { Errno } from "../../posix/errno.js";
import { encodeName } from "../../posix/name.js";
import { O_APPEND, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from "../../posix/open-flags.js";
import { equal, fails, isTrue } from "./check.js";
import type { ConformanceCase, Outside, World } from "./conformance.js";

/** Within which a change made outside is seen, less the second that the guest keeps what it was told. */
const SEEN = 1000;

export const outsideCases: readonly ConformanceCase[] = [
  outsideCase("a file added outside is seen", async ({ guest, elapse }, outside) => {
    isTrue(!(await guest.exists("new")), "there too early");
    await outside.write("new", "hello");
    await elapse(SEEN);
    equal(await guest.text("new"), "hello", "content");
    equal(await guest.list(""), ["new"], "listing");
  }),
  outsideCase("a directory added outside is seen, with what it holds", async ({ guest, elapse }, outside) => {
    equal(await guest.list(""), [], "listing");
    await outside.makeDirectory("d");
    await outside.write("d/f", "x");
    await elapse(SEEN);
    equal(await guest.tree(), { d: { f: "x" } }, "tree");
    await outside.write("d/g", "y");
    await elapse(SEEN);
    equal(await guest.tree(), { d: { f: "x", g: "y" } }, "tree, later");
  }),
  outsideCase("a file changed outside has its new size, time and content", async ({ guest, elapse }, outside) => {
    await outside.write("file", "short");
    equal(await guest.text("file"), "short", "content");
    const before = await guest.stat("file");
    await elapse(SEEN);
    await outside.write("file", "much longer");
    await elapse(SEEN);
    const after = await guest.stat("file");
    equal(after.size, 11, "size");
    isTrue(after.mtime * 1e9 + after.mtimensec > before.mtime * 1e9 + before.mtimensec, "mtime stands still");
    equal(await guest.text("file"), "much longer", "content");
  }),
  outsideCase("a file changed outside is read anew while open", async ({ guest, elapse }, outside) => {
    await outside.write("log", "one ");
    const file = await guest.open("log", O_RDONLY);
    equal((await guest.read(file)).length, 4, "bytes");
    await elapse(SEEN);
    await outside.write("log", "one two");
    await elapse(SEEN);
    equal((await guest.kernel.getattr(file.node, file.fh)).attr.size, 7, "size");
    equal((await guest.read(file)).length, 7, "bytes, later");
    await guest.close(file);
  }),
  outsideCase("what is appended comes after what was added outside", async ({ guest }, outside) => {
    await outside.write("log", "one\n");
    const file = await guest.open("log", O_WRONLY | O_APPEND);
    const append = async (text: string): Promise<void> => {
      // The guest's own idea of the end is as old as what it was told of the file.
      await guest.kernel.write(file.node, file.fh, 4, encodeName(text), 0, O_WRONLY | O_APPEND);
    };
    await append("guest\n");
    await guest.kernel.fsync(file.node, file.fh);
    await outside.append("log", "outside\n");
    await append("guest again\n");
    await guest.close(file);
    await guest.kernel.syncfs(1);
    equal(await outside.read("log"), "one\nguest\noutside\nguest again\n", "the other side");
  }),
  outsideCase("a file removed outside is gone, and stays so", async ({ guest, elapse }, outside) => {
    await outside.write("file", "x");
    const entry = await guest.entry("file");
    await outside.remove("file");
    await elapse(SEEN);
    isTrue(!(await guest.exists("file")), "still found");
    equal(await guest.list(""), [], "listing");
    await fails(Errno.ESTALE, guest.kernel.setattr(entry.nodeid, 8, { size: 0 }), "truncate");
    await guest.kernel.syncfs(1);
    equal(await outside.list(""), [], "the other side");
  }),
  outsideCase("a directory removed outside is gone", async ({ guest, elapse }, outside) => {
    await outside.makeDirectory("d");
    await outside.write("d/f", "x");
    equal(await guest.tree(), { d: { f: "x" } }, "tree");
    await outside.remove("d/f");
    await outside.remove("d");
    await elapse(SEEN);
    isTrue(!(await guest.exists("d")), "still found");
    equal(await guest.tree(), {}, "tree, later");
  }),
  outsideCase("a file that became a directory is another node", async ({ guest, elapse }, outside) => {
    await outside.write("x", "file");
    const file = await guest.node("x");
    await outside.remove("x");
    await outside.makeDirectory("x");
    await elapse(SEEN);
    const entry = await guest.entry("x");
    equal(entry.attr.mode, 0o040755, "mode");
    isTrue(entry.nodeid !== file, "the same node");
  }),
  outsideCase("what the guest wrote is there soon after it closed", async ({ guest, elapse }, outside) => {
    await guest.put("file", "from the guest");
    await elapse(SEEN);
    equal(await outside.read("file"), "from the guest", "content");
    const file = await guest.open("file", O_RDWR | O_TRUNC);
    await guest.write(file, 0, "again");
    await guest.close(file);
    await elapse(SEEN);
    equal(await outside.read("file"), "again", "content, later");
  }),
  outsideCase("what was fsynced is there at once", async ({ guest }, outside) => {
    const file = await guest.create("file");
    await guest.write(file, 0, "synced");
    await guest.kernel.fsync(file.node, file.fh);
    equal(await outside.read("file"), "synced", "content");
    await guest.close(file);
  }),
  outsideCase("our own saving is not taken for a change outside", async ({ guest, elapse }) => {
    const file = await guest.create("file");
    await guest.write(file, 0, "content");
    await guest.close(file);
    const before = await guest.stat("file");
    await elapse(3 * SEEN);
    const after = await guest.stat("file");
    equal([after.mtime, after.mtimensec, after.size], [before.mtime, before.mtimensec, 7], "mtime and size");
  }),
  outsideCase("a listing never removes what the store does not have yet", async ({ guest, elapse }, outside) => {
    await outside.write("theirs", "x");
    for (let i = 0; i < 30; i++) await guest.put(`ours${i}`, "y");
    await elapse(SEEN);
    equal((await guest.list("")).length, 31, "entries");
    await guest.kernel.syncfs(1);
    await elapse(SEEN);
    equal((await guest.list("")).length, 31, "entries, later");
    equal((await outside.list("")).length, 31, "the other side");
  }),
  outsideCase("a name removed by the guest does not come back", async ({ guest, elapse }, outside) => {
    for (let i = 0; i < 10; i++) await outside.write(`f${i}`, "x");
    equal((await guest.list("")).length, 10, "entries");
    await elapse(SEEN);
    for (let i = 0; i < 10; i++) await guest.unlink(`f${i}`);
    equal(await guest.list(""), [], "entries, at once");
    await elapse(SEEN);
    equal(await guest.list(""), [], "entries, later");
    equal(await outside.list(""), [], "the other side");
  }),
];

function outsideCase(name: string, run: (world: World, outside: Outside) => Promise<void>): ConformanceCase {
  return {
    name,
    run(world) {
      if (world.outside === undefined) throw new Error("this store has no other side");
      return run(world, world.outside);
    },
  };
}
