import { MachineError } from "../machine/machine-error.js";
import { PickedStore } from "../storage/picked/picked-store.js";
import { StoreServer } from "../storage/port/store-server.js";
import { MemoryScratch } from "../storage/web/memory-scratch.js";

/**
 * Serves a folder of this page over `port`: the handle stays here. The browser asks the visitor in this page, which shows its own
 * address. What is being written is kept in memory until the folder has it. The result ends it, saved.
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
  let server: StoreServer | undefined;
  const store = new PickedStore(handle, {
    scratch: new MemoryScratch(),
    readOnly,
    onEvent: (event) => {
      if (event.kind !== "not-saved") return server?.report(event);
      const { kind, path, bytes, why } = event;
      server?.report({ kind, path, bytes, why });
    },
  });
  const served = (server = new StoreServer(store, port));
  return () => served.end();
}
