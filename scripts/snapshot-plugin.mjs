// A Vite plugin: the build boots the machine once under Node and puts a snapshot of it beside the images, from which the page goes
// on instead of booting. Kept in .cache by the hash of all that it is made from and fits, so that a second build costs nothing.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { runnerImport } from "vite";
import { root } from "./npm.mjs";

const IMAGES = ["manifest.json", "bzImage", "initramfs.img", "seabios.bin"];
/** Code that takes part in how the machine is when it is saved, or how it is restored. */
const CODE = ["emulator", "virtio", "wire", "posix", "machine"];
const CACHE = join(root, ".cache");
const v86 = dirname(createRequire(import.meta.url).resolve("v86/build/v86.wasm"));

/** @returns {import("vite").Plugin} Emits the snapshot as `file`. */
export function snapshotOfMachine(file) {
  const key = keyOf();
  const name = `snapshot-${key}.bin`;
  const fileName = file ?? `guest/${name}`;
  let building;
  return {
    name: "snapshot-of-machine",
    apply: "build",
    // src/machine/load-snapshot.ts: the page and its Worker are built with it.
    config: () => ({ define: { SNAPSHOT: JSON.stringify({ key, name: basename(fileName) }) } }),
    buildStart() {
      building = cached(name, key);
      building.catch(() => undefined); // Told below.
    },
    async generateBundle() {
      this.emitFile({ type: "asset", fileName, source: await building });
    },
  };
}

function keyOf() {
  const hash = createHash("sha256");
  const files = [
    import.meta.filename,
    ...["libv86.mjs", "v86.wasm"].map((file) => join(v86, file)),
    ...IMAGES.map((file) => join(root, "public/guest", file)),
    ...CODE.flatMap(sourcesOf),
  ];
  for (const file of files) hash.update(createHash("sha256").update(readFileSync(file)).digest());
  return hash.digest("hex").slice(0, 16);
}

function sourcesOf(folder) {
  return readdirSync(join(root, "src", folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[/\\]testing[/\\]/.test(file))
    .sort();
}

async function cached(name, key) {
  const file = join(CACHE, name);
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const { module } = await runnerImport(join(root, "src/machine/take-snapshot.ts"), { configFile: false, root });
  const [manifest, kernel, initramfs, bios] = IMAGES.map((image) => readFileSync(join(root, "public/guest", image)));
  const images = {
    kernel: Uint8Array.from(kernel).buffer,
    initramfs: Uint8Array.from(initramfs).buffer,
    bios: Uint8Array.from(bios).buffer,
    commandLine: JSON.parse(manifest.toString()).cmdline,
  };
  // Its content: the runner imports nothing any more once it is done, as the emulator would to read a file.
  const snapshot = await module.takeSnapshot(key, images, readFileSync(join(v86, "v86.wasm")));
  const compressed = await promisify(gzip)(snapshot, { level: 9 });
  mkdirSync(CACHE, { recursive: true });
  for (const old of readdirSync(CACHE)) {
    if (old.startsWith("snapshot-") && !old.startsWith(name)) rmSync(join(CACHE, old), { force: true });
  }
  // Whole or not there, also where two builds run at once.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, compressed);
  renameSync(unfinished, file);
  return compressed;
}
