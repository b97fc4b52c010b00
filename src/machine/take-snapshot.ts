import { encodeSnapshot } from "../emulator/snapshot-file.js";
import type { Images } from "./assets.js";
import { runInGuest } from "./guest-command.js";
import { Machine } from "./machine.js";
import { DEFAULT_MEMORY } from "./machine-api.js";

/**
 * Memory that is free holds what was in it, and would be in the snapshot: a file of zeros takes all of it once. The page cache is
 * dropped first; programs are in the initramfs, which is no cache.
 */
const CLEAN_MEMORY = `
  set -e
  echo 3 >/proc/sys/vm/drop_caches
  mkdir /tmp/zeros
  mount -t tmpfs -o size=100% zeros /tmp/zeros
  free=$(sed -n 's/^MemFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)
  dd if=/dev/zero of=/tmp/zeros/file bs=64k count=$((free / 64 - 40)) 2>/dev/null
  umount /tmp/zeros
  rmdir /tmp/zeros
  echo 3 >/proc/sys/vm/drop_caches
  sleep 1`;

/** Boots a machine under Node up to where the page's first command would run, and gives its snapshot as a file, not yet compressed. */
export async function takeSnapshot(key: string, images: Images, wasm: BufferSource): Promise<Uint8Array<ArrayBuffer>> {
  const machine = await Machine.boot({ ...images, memory: DEFAULT_MEMORY, wasm }, () => undefined);
  const { status, stderr } = await runInGuest(machine.agent, ["/bin/sh", "-c", CLEAN_MEMORY]);
  if (status !== 0) throw new Error(`The machine could not be made ready for its snapshot: ${stderr}`);
  const state = await machine.emulator.save();
  await machine.end();
  return encodeSnapshot(key, state);
}
