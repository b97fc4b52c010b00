import type { Store, UnsavedFile } from "../storage/store.js";
import type { DirectoryNode, FsNode } from "./node.js";

/** The files below `root` whose content or name the store does not have, each once, in the order of their paths. */
export function unsavedFiles(
  root: DirectoryNode,
  store: Store,
  isChanging: (node: FsNode) => boolean,
): readonly UnsavedFile[] {
  const found = new Map<string, number>();
  for (const { path, bytes } of store.unsavedClosed?.() ?? []) found.set(path, bytes);
  for (const [path, node] of below(root, "")) {
    const bytes = unsavedBytes(node);
    if (bytes > 0 || isBehind(node) || isChanging(node)) found.set(path, bytes);
  }
  return [...found].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whatever of the tree is in memory: what is not has been saved, and was let go of. */
function* below(directory: DirectoryNode, prefix: string): Generator<[path: string, node: FsNode]> {
  for (const [name, node] of directory.children?.entries() ?? []) {
    yield [prefix + name, node];
    if (node.kind === "directory") yield* below(node, `${prefix}${name}/`);
  }
}

function unsavedBytes(node: FsNode): number {
  if (node.kind !== "file") return 0;
  const { waiting, open } = node;
  if (waiting !== undefined) return Math.min(waiting.size, waiting.allocated());
  return open?.unsaved() ?? 0;
}

function isBehind(node: FsNode): boolean {
  return node.failure !== undefined || (node.kind === "file" && node.waiting !== undefined);
}
