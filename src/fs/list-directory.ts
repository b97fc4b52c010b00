import { type Awaitable, isPromise } from "../posix/awaitable.js";
import { DT_DIR, entryType } from "../posix/mode.js";
import { all } from "./awaitables.js";
import { type Children, DOT_COOKIE, DOT_DOT_COOKIE, type Slot } from "./children.js";
import type { Attributes, DirectorySink, Entry } from "./file-system.js";
import type { DirectoryNode, FsNode } from "./node.js";

/** Entries whose attributes are asked for at once. A READDIRPLUS of Linux 6.12 has room for about 24. */
const BATCH = 32;

export interface Plus {
  /** Brings a node's attributes up to date. */
  readonly measured: (node: FsNode) => Awaitable<void>;
  readonly attributes: (node: FsNode) => Attributes;
  /** The sink took the node. */
  readonly taken: (node: FsNode) => void;
}

/** Offers the entries after the cookie `offset` to `sink`, until it refuses one. With `plus` each entry comes with its node. */
export function listDirectory(
  directory: DirectoryNode,
  children: Children,
  offset: number,
  sink: DirectorySink,
  plus: Plus | undefined,
): Awaitable<void> {
  const parent = directory.parent ?? directory;
  if (offset < DOT_COOKIE && !sink.entry(".", directory.ino, DT_DIR, DOT_COOKIE)) return;
  if (offset < DOT_DOT_COOKIE && !sink.entry("..", parent.ino, DT_DIR, DOT_DOT_COOKIE)) return;
  for (let from = offset; ;) {
    const batch = children.after(from, BATCH);
    if (batch.length === 0) return;
    const measuring = plus && all(batch, ({ node }) => node && plus.measured(node));
    const offer = (): boolean => batch.every((slot) => offerEntry(slot, sink, plus));
    from = batch.at(-1)!.cookie;
    if (isPromise(measuring)) {
      return measuring.then(() => (offer() ? listDirectory(directory, children, from, sink, plus) : undefined));
    }
    if (!offer()) return;
  }
}

/** Returns false when the sink has no room. */
function offerEntry({ name, node, cookie }: Slot, sink: DirectorySink, plus: Plus | undefined): boolean {
  if (node === undefined) return true; // gone while attributes were asked for
  if (plus === undefined) return sink.entry(name, node.ino, entryType(node.mode), cookie);
  const isKnown = node.kind !== "file" || node.size !== undefined;
  const entry: Entry = { node: isKnown ? node.id : 0, generation: 0, attributes: plus.attributes(node) };
  if (!sink.entryPlus(name, cookie, entry)) return false;
  if (isKnown) plus.taken(node);
  return true;
}
