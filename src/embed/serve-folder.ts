import { MachineError } from "../machine/machine-error.js";
import type { Awaitable } from "../posix/awaitable.js";
import { forgetUnmounted, holdFolder } from "../storage/folders/hold-folder.js";
import { lockDirectory } from "../storage/opfs/directory-lock.js";
import { PickedStore } from "../storage/picked/picked-store.js";
import { StoreServer } from "../storage/port/store-server.js";
import { MemoryScratch } from "../storage/web/memory-scratch.js";
import { warnOfUnsaved } from "./warn-of-unsaved.js";

interface Owner {
  /** Why the folder may not be written to, in words for the visitor. */
  readonly problem?: string;
  release(): Awaitable<void>;
}

/**
 * Serves a folder of this page over `port`: the handle stays here. The browser asks the visitor in this page, which shows its own
 * address. What is being written is kept in memory until the folder has it, and the browser asks before the page is closed. A folder
 * that another page or share writes to is served read-only. The result ends it, saved.
 */
export async function serveFolder(
  handle: FileSystemDirectoryHandle,
  port: MessagePort,
  readOnly: boolean,
): Promise<() => Promise<void>> {
  const mode = readOnly ? "read" : "readwrite";
  const permission = (await handle.queryPermission?.({ mode })) ?? "granted";
  if (permission !== "granted") {
    const what = readOnly ? "read" : "write to";
    const message = `This page may not ${what} “${handle.name}”: ask by handle.requestPermission() in a click first.`;
    throw new MachineError("bad-source", message);
  }
  const owner = readOnly ? NOBODY : await own(handle);
  let server: StoreServer | undefined;
  const store = new PickedStore(handle, {
    scratch: new MemoryScratch(),
    readOnly: readOnly || owner.problem !== undefined,
    onEvent: (event) => {
      if (event.kind !== "not-saved") return server?.report(event);
      const { kind, path, bytes, why } = event;
      server?.report({ kind, path, bytes, why });
    },
  });
  const { problem } = owner;
  const served = (server = new StoreServer(store, port, {
    problem,
    onUnsaved: (unsaved) => warnOfUnsaved(store, unsaved),
    onClosed: () => owner.release(),
  }));
  return () => served.end();
}

const NOBODY: Owner = { release: () => {} };

/** Becomes the folder's one owner among the pages of this origin, as machines do. Where the browser gives no Web Locks nobody is. */
async function own(handle: FileSystemDirectoryHandle): Promise<Owner> {
  try {
    await navigator.locks.query();
  } catch (error) {
    console.debug("No Web Locks:", error); // SecurityError where storage is denied (Chromium 156)
    return NOBODY;
  }
  const path = await privatePath(handle);
  if (path) return (await lockDirectory(path)) ?? { ...NOBODY, problem: "It is open elsewhere: read-only here." };
  const held = await holdFolder(handle);
  if (held.obstacle === undefined) {
    return { release: () => forgetUnmounted(held.id).finally(() => held.release()) };
  }
  const { kind, of } = held.obstacle;
  const shared = "shared already, by this page or another: read-only here.";
  if (kind === "same") return { ...NOBODY, problem: `It is ${shared}` };
  const lies = kind === "inside" ? "lies inside" : "has in it";
  return { ...NOBODY, problem: `It ${lies} “${of.handle.name}”, which is ${shared}` };
}

/** Where a directory of this origin's private file system lies in it. */
async function privatePath(handle: FileSystemDirectoryHandle): Promise<readonly string[] | null> {
  try {
    return await (await navigator.storage.getDirectory()).resolve(handle);
  } catch (error) {
    console.debug("No private file system:", error); // Firefox's private windows
    return null;
  }
}
