import { Errno } from "../../posix/errno.js";
import { FsError } from "../../posix/fs-error.js";
import type { OpenStoreFile, Store, StoreDirectory, StoreEntry } from "../store.js";
import { childPath, isUnder } from "../web/by-path.js";
import { failureInWords } from "../web/failure-words.js";
import type { Change } from "./changes.js";
import { changesOf } from "./changes.js";
import { copyBytes } from "./copy-bytes.js";
import { isAsKnown, note } from "./known.js";
import { hideFromMoved, keepMoved } from "./moved.js";
import type { Overlay } from "./overlay.js";
import { split } from "./overlay.js";
import { ROOT_ID } from "./overlay-tree.js";
import { settle } from "./settle.js";

/** What became of changes that were to be applied. */
export interface Applied {
  readonly applied: readonly string[];
  /** Still a change, and why. */
  readonly kept: readonly { readonly path: string; readonly reason: string }[];
}

/** Why a change stays one, in words for the visitor. */
class Kept extends Error {}

const CHANGED_OUTSIDE = "the folder has another version now, which is left as it is";

/**
 * Brings the guest's changes into the folder through `target`, which is the folder open for writing: all, or those at or below one of
 * `paths`. What was changed there since the guest met it is neither replaced nor removed.
 */
export async function applyChanges(
  overlay: Overlay,
  target: Store,
  paths?: readonly string[],
  onProgress?: (done: number, total: number) => void,
): Promise<Applied> {
  const applied: string[] = [];
  const kept: { path: string; reason: string }[] = [];
  const changes = inOrder((await changesOf(overlay)).filter(({ path }) => isSelected(path, paths)));
  for (const [done, change] of changes.entries()) {
    onProgress?.(done, changes.length);
    const { path } = change;
    try {
      if (change.kind === "deleted") await remove(overlay, target, path);
      else if (change.type === "directory") await directoryOf(overlay, target, path);
      else await write(overlay, target, path);
      if (!applied.includes(path)) applied.push(path);
    } catch (error) {
      if (!(error instanceof Kept) && !(error instanceof FsError)) throw error;
      kept.push({ path, reason: error instanceof Kept ? error.message : failureInWords(error) });
    }
  }
  return { applied: applied.filter((path) => !kept.some((each) => each.path === path)), kept };
}

export function isSelected(path: string, paths: readonly string[] | undefined): boolean {
  return paths === undefined || paths.some((each) => isUnder(path, each));
}

/** What stands in the way goes first; then directories, files, and what else was deleted, the deepest first. */
function inOrder(changes: readonly Change[]): Change[] {
  const made = changes.filter(({ kind }) => kind !== "deleted");
  const deleted = changes.filter(({ kind }) => kind === "deleted").toReversed();
  const makesWay = ({ path }: Change): boolean =>
    made.some((each) => path === each.path || (each.type === "file" && isUnder(path, each.path)));
  return [
    ...deleted.filter(makesWay),
    ...made.filter(({ type }) => type === "directory"),
    ...made.filter(({ type }) => type === "file"),
    ...deleted.filter((change) => !makesWay(change)),
  ];
}

async function remove(overlay: Overlay, target: Store, path: string): Promise<void> {
  const [parent, name] = split(path);
  const there = await overlay.lowerEntry(path);
  if (there !== undefined) {
    // A directory is removed only when nothing is in it.
    if (there.kind === "file" && !(await isAsKnown(overlay, path, there))) throw new Kept(CHANGED_OUTSIDE);
    await keepMoved(overlay, path, there);
    await removeFrom(await targetDirectory(target, parent), name);
    await overlay.lowerEntry(path); // is forgotten
  }
  const id = overlay.view(parent)?.id;
  const entry = id === undefined ? undefined : overlay.tree.get(id, name);
  if (id === undefined || entry === undefined || overlay.view(parent)?.lower !== parent) return;
  if (entry.kind === "gone") overlay.tree.put([id, name, null]);
  else if (!("through" in entry)) {
    const { over: _, ...rest } = entry;
    overlay.tree.put([id, name, rest]);
  }
}

async function removeFrom(directory: StoreDirectory, name: string): Promise<void> {
  try {
    await directory.remove(name);
  } catch (error) {
    if (!(error instanceof FsError) || error.errno !== Errno.ENOTEMPTY) throw error;
    throw new Kept("the folder has something in it that Linux did not delete", { cause: error });
  }
}

async function write(overlay: Overlay, target: Store, path: string): Promise<void> {
  const [parent, name] = split(path);
  const there = await overlay.lowerEntry(path);
  if (there !== undefined) await checkReplaced(overlay, path, there);
  const directory = await directoryOf(overlay, target, parent);
  if (there === undefined) hideFromMoved(overlay, path);
  else await keepMoved(overlay, path, there);
  const entry = overlay.entry(path);
  if (entry?.kind !== "file") throw new Kept("Linux changed it meanwhile");
  const content = "content" in entry ? entry.content : undefined;
  const revision = content === undefined ? 0 : overlay.contents.revision(content);
  const from = "from" in entry ? await overlay.lowerFile(entry.from) : undefined;
  const known = from && (await from.stat());
  const source = from === undefined ? await overlay.contents.acquire(content!) : await from.open(false);
  try {
    await writeWhole(source, await (await directory.createFile(name)).open(true));
  } catch (error) {
    if (there === undefined) await removeEmpty(directory, name);
    throw error;
  } finally {
    if (from === undefined) await overlay.contents.release(content!);
    else await source.close();
  }
  if (known !== undefined && "from" in entry) note(overlay, entry.from, { kind: "file", ...known });
  const over = await overlay.hiddenAt(path);
  const now = overlay.entry(path);
  const id = overlay.view(parent)?.id;
  if (id === undefined || now?.kind !== "file") return;
  const isSame = content === undefined ? "from" in now : "content" in now && now.content === content;
  if (!isSame || (content !== undefined && overlay.contents.revision(content) !== revision)) {
    overlay.tree.put([id, name, { ...now, ...(over && { over }) }]);
    throw new Kept("Linux changed it again while it was applied");
  }
  overlay.tree.put([id, name, null]);
  const open = overlay.open.get(path);
  open?.applied(over);
  if (open === undefined && content !== undefined) await overlay.contents.remove(content);
}

/** What the folder does not take stays a change: the folder's store has not to save it later. */
async function writeWhole(source: OpenStoreFile, to: OpenStoreFile): Promise<void> {
  try {
    await to.truncate(0);
    await copyBytes(source, to, source.size());
    await to.flush();
  } catch (error) {
    await to.detach();
    throw error;
  } finally {
    await to.close();
  }
}

/** What was made to be written, and was not: it would count as the visitor's. */
async function removeEmpty(directory: StoreDirectory, name: string): Promise<void> {
  const entry = await directory.get(name);
  if (entry?.kind === "file" && (await entry.file.stat()).size === 0) await directory.remove(name);
}

async function checkReplaced(overlay: Overlay, path: string, there: StoreEntry): Promise<void> {
  if (there.kind === "directory") throw new Kept("the folder has a directory of that name");
  if (!(await isAsKnown(overlay, path, there))) throw new Kept(CHANGED_OUTSIDE);
}

/** The folder's directory at the guest's path, made where it is missing; what the guest has in it counts from the folder's then. */
async function directoryOf(overlay: Overlay, target: Store, path: string): Promise<StoreDirectory> {
  let directory: StoreDirectory = target.root;
  let id: number | undefined = ROOT_ID;
  let at = "";
  for (const name of path === "" ? [] : path.split("/")) {
    at = childPath(at, name);
    const entry = id === undefined ? undefined : overlay.tree.get(id, name);
    if (entry?.kind === "gone" || entry?.kind === "file") throw new Kept("Linux changed it meanwhile");
    if ((await overlay.lowerEntry(at)) === undefined) hideFromMoved(overlay, at);
    directory = await directory.createDirectory(name);
    await overlay.lowerEntry(at); // is found
    if (entry !== undefined) id = await settle(overlay, id!, name, at);
    else id = undefined;
  }
  return directory;
}

async function targetDirectory(target: Store, path: string): Promise<StoreDirectory> {
  let directory: StoreDirectory = target.root;
  for (const name of path === "" ? [] : path.split("/")) {
    const entry = await directory.get(name);
    if (entry?.kind !== "directory") throw new Kept("its directory is gone");
    directory = entry.directory;
  }
  return directory;
}
