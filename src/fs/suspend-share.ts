import { chain } from "../posix/awaitable.js";
import { decodeName } from "../posix/name.js";
import type { DirectoryNode, FileNode, FsNode } from "./node.js";
import { ROOT_NODE_ID } from "./file-system.js";
import type { Share } from "./share.js";

/** What a guest knows of a share by number, as a snapshot of it keeps it; plain JSON. */
export interface SuspendedShare {
  readonly lastId: number;
  /** The names in the root, as in {@link SuspendedNode}; null where the guest was told none. */
  readonly rootNames: readonly string[] | null;
  /** Those with a name; ancestors first. */
  readonly nodes: readonly SuspendedNode[];
  /** Open files of a share that others change too: handle, nodeid, and whether it writes. */
  readonly handles: readonly (readonly [fh: number, id: number, writes: boolean])[];
}

export interface SuspendedNode {
  readonly id: number;
  readonly nlookup: number;
  readonly path: readonly string[];
  readonly evidence: Evidence;
}

/** What the guest may have in its caches: the same afterwards, or the node is another one. */
export interface Evidence {
  readonly kind: FsNode["kind"];
  /** Mode, owner and group; a device's number. */
  readonly attributes: readonly number[];
  /** A file's size and the store's time of its last change, in bytes and milliseconds since 1970. */
  readonly content?: readonly [size: number, lastModified: number];
  /** A directory's names with the kind of each, if the guest was told any. */
  readonly names?: readonly string[];
  /** A symbolic link's. */
  readonly target?: string;
}

/** For a guest that stands still. The store has everything. */
export async function suspendShare(share: Share): Promise<SuspendedShare> {
  const { tree, nodes, files } = share;
  const suspended: SuspendedNode[] = [];
  for (const node of nodes.all()) {
    const path = pathOf(node);
    if (path === undefined) continue;
    // A store says when a file was changed only once it is closed.
    if (node.kind === "file") await share.contents.close(node);
    suspended.push({ id: node.id, nlookup: node.nlookup, path, evidence: await evidenceOf(share, node) });
  }
  suspended.sort((a, b) => a.path.length - b.path.length);
  const handles = [...files.handles.all()].map(([fh, node, writes]) => [fh, node.id, writes] as const);
  return { lastId: tree.lastId, rootNames: namesIn(tree.root) ?? null, nodes: suspended, handles };
}

/** As the store, and what is kept beside it, has the node now. */
export async function evidenceOf(share: Share, node: FsNode): Promise<Evidence> {
  const attributes = [node.mode, node.uid, node.gid, node.kind === "special" ? node.rdev : 0];
  switch (node.kind) {
    case "file":
      return { kind: "file", attributes, content: await statOf(share, node) };
    case "directory": {
      const names = namesIn(node);
      return { kind: "directory", attributes, ...(names && { names }) };
    }
    case "special":
      return { kind: "special", attributes, ...(node.target && { target: decodeName(node.target) }) };
  }
}

/** Undefined: it was never listed, so that the guest knows none of them. */
export function namesIn({ children }: DirectoryNode): string[] | undefined {
  return children && Array.from(children.entries(), ([name, { kind }]) => `${kind[0]}${name}`).sort();
}

async function statOf({ queue, tree: { places } }: Share, node: FileNode): Promise<readonly [number, number]> {
  const ask = () => chain(places.file(node), (file) => file.stat());
  const { size, lastModified } = await queue.ask({ uses: [node] }, ask);
  return [size, lastModified];
}

/** Undefined: it has no name. */
function pathOf(node: FsNode): string[] | undefined {
  const names: string[] = [];
  let at: FsNode | undefined = node;
  for (; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  return at.id === ROOT_NODE_ID ? names : undefined;
}
