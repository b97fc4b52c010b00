import type { DirectoryNode, FsNode } from "./node.js";
import type { Share } from "./share.js";
import { type Evidence, evidenceOf, namesIn, type SuspendedNode, type SuspendedShare } from "./suspend-share.js";

/**
 * Gives the nodes that a guest knew the numbers that it knew them by, in a share that it has not mounted yet. Returns the paths of
 * those that are not as they were; "" where the root is not: nothing could make the guest ask about its names again.
 *
 * Where nobody else was to change the store the guest keeps what it was told for a day. If something did change, it would write
 * where a file no longer ends, and put new files over others: what is not the same has another number. Where others may change
 * the store the guest asks again within a second, and a path is enough.
 */
export async function resumeShare(share: Share, state: SuspendedShare): Promise<string[]> {
  const { tree, nodes, files } = share;
  const { exclusive } = share;
  tree.lastId = Math.max(tree.lastId, state.lastId);
  renumber(share, tree.root);
  if (state.rootNames !== null) {
    await tree.relisted(tree.root);
    if (exclusive && !same(namesIn(tree.root), state.rootNames)) return [""];
  }
  const stale: string[] = [];
  const known = new Map<number, FsNode>();
  for (const suspended of state.nodes) {
    const node = await find(share, suspended, exclusive);
    if (node === undefined) {
      stale.push(suspended.path.join("/"));
      continue;
    }
    node.id = suspended.id;
    nodes.remember(node, suspended.nlookup);
    known.set(node.id, node);
  }
  for (const [fh, id, writes] of state.handles) {
    const node = known.get(id);
    if (node?.kind === "file") files.handles.restore(fh, node, writes);
  }
  return stale;
}

/** Gives every node a number that no guest knows. */
function renumber(share: Share, directory: DirectoryNode): void {
  for (const [, node] of directory.children?.entries() ?? []) {
    node.id = ++share.tree.lastId;
    if (node.kind === "directory") renumber(share, node);
  }
}

/** The node at the path, if it is as it was. */
async function find(share: Share, { path, evidence }: SuspendedNode, exclusive: boolean): Promise<FsNode | undefined> {
  let node: FsNode = share.tree.root;
  for (const name of path) {
    const found: FsNode | undefined = node.kind === "directory" ? (await share.tree.listed(node)).get(name) : undefined;
    if (found === undefined) return undefined;
    node = found;
  }
  if (node.kind !== evidence.kind) return undefined;
  if (node.kind === "directory" && evidence.names) await share.tree.listed(node);
  await share.tree.measured(node);
  if (node.kind === "file" && !exclusive) node.outdated = true;
  return !exclusive || same(await seen(share, node, evidence), evidence) ? node : undefined;
}

/** What there is now of what the guest saw. */
async function seen(share: Share, node: FsNode, { names }: Evidence): Promise<Evidence> {
  const now = await evidenceOf(share, node);
  if (names !== undefined) return now;
  const { names: _, ...rest } = now;
  return rest;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
