import type { StoreDirectory } from "../../src/storage/store.js";
import { readAll } from "../../src/storage/testing/store-case.js";

/** Everything below a directory: contents in hexadecimal by path (see {@link printable}), "directory" for directories. */
export async function snapshotOf(directory: StoreDirectory, path = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await directory.list()) {
    const below = `${path}${printable(entry.name)}`;
    if (entry.kind === "directory") {
      found[below] = "directory";
      Object.assign(found, await snapshotOf(entry.directory, `${below}/`));
    } else {
      const open = await entry.file.open(false);
      found[below] = hex(await readAll(open));
      await open.close();
    }
  }
  return found;
}

/** A name that can be sent between page and test: a byte that is no UTF-8 is a lone surrogate, which would not arrive. */
export function printable(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
