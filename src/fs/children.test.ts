import { expect, test } from "vitest";
import { Children } from "./children.js";
import { DirectoryNode, FileNode } from "./node.js";

const time = { seconds: 0, nanoseconds: 0 };
let lastId = 1;

function file(name: string): FileNode {
  return new FileNode({ ino: 0, id: ++lastId, parent: undefined, name, mode: 0, uid: 0, gid: 0, time });
}

function names(children: Children, after = 0): string[] {
  return children.after(after, 1000).map(({ name }) => name);
}

test("entries keep their cookies whatever happens to others", () => {
  const children = new Children();
  const files = ["a", "b", "c", "d"].map(file);
  for (const node of files) children.add(node.name, node);
  const { cookie } = children.after(0, 2)[1]!;
  children.remove("a");
  children.remove("b");
  expect(names(children, cookie)).toEqual(["c", "d"]);
});

test("an entry renamed in place keeps its cookie, one that comes is last", () => {
  const children = new Children();
  const [a, b] = [file("a"), file("b")];
  children.add("a", a);
  children.add("b", b);
  children.rename("a", "z");
  expect(names(children)).toEqual(["z", "b"]);
  expect(children.get("a")).toBeUndefined();
  expect(children.get("z")).toBe(a);
  children.add("a", file("a"));
  expect(names(children)).toEqual(["z", "b", "a"]);
});

test("what comes after a listing began waits for the next", () => {
  const children = new Children();
  children.add("a", file("a"));
  children.rewind();
  children.add("b", file("b"));
  expect(names(children)).toEqual(["a"]);
  children.rewind();
  expect(names(children)).toEqual(["a", "b"]);
});

test("slots of entries that have gone are given up", () => {
  const children = new Children();
  for (let round = 0; round < 1000; round++) {
    children.add("f", file("f"));
    children.remove("f");
  }
  children.add("last", file("last"));
  expect(names(children)).toEqual(["last"]);
  expect(children.after(0, 1)[0]!.cookie).toBeGreaterThan(1000);
});

test("directories are counted", () => {
  const children = new Children();
  const directory = new DirectoryNode({ ino: 9, id: 9, parent: undefined, name: "d", mode: 0, uid: 0, gid: 0, time });
  children.add("d", directory);
  children.add("f", file("f"));
  expect(children.directories).toBe(1);
  children.remove("d");
  expect([children.directories, children.size]).toEqual([0, 1]);
});
