// What the package has in it: its entries, and the files of the machine.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../npm.mjs";

const SOURCES = {
  ".": "src/client/index.ts",
  "./element": "src/element/index.ts",
  "./embed": "src/embed/index.ts",
  "./device": "src/device/index.ts",
  "./storage": "src/storage/index.ts",
};

/** The entries whose source is there: what importers write, the source, and the files in lib. */
export const entries = Object.entries(SOURCES)
  .filter(([, source]) => existsSync(join(root, source)))
  .map(([subpath, source]) => {
    const name = subpath === "." ? "index" : subpath.slice(2);
    return { subpath, source, name, types: source.replace(/^src\//, "types/").replace(/\.ts$/, ".d.ts") };
  });

/** Of public/guest, put into lib/machine beside what the build makes: worker.js, v86.wasm, snapshot.bin. */
export const IMAGES = ["manifest.json", "bzImage", "initramfs.img", "seabios.bin"];

/** What package.json says of the entries. */
export function exportsField() {
  return {
    ...Object.fromEntries(
      entries.map(({ subpath, name, types }) => [subpath, { types: `./lib/${types}`, default: `./lib/${name}.js` }]),
    ),
    "./package.json": "./package.json",
  };
}
