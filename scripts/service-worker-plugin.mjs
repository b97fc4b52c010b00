// A Vite plugin: writes service-worker.js beside the page, with the names of the files that it keeps for use offline.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./npm.mjs";

/** Files of public/ that the page shows. The images to boot from are not kept: the snapshot is. */
const PUBLIC = ["icon.svg"];

/** @returns {import("vite").Plugin} */
export function serviceWorker() {
  return {
    name: "service-worker",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((name) => !name.endsWith(".map") && name !== "index.html");
      const code = readFileSync(join(root, "scripts/service-worker.js"), "utf8");
      const page = bundle["index.html"].source;
      const icons = PUBLIC.map((file) => readFileSync(join(root, "public", file)));
      const hash = createHash("sha256");
      for (const part of [built.join(), code, page, ...icons]) hash.update(part).update("\0");
      const build = { version: hash.digest("hex").slice(0, 16), files: ["./", ...PUBLIC, ...built.sort()] };
      this.emitFile({
        type: "asset",
        fileName: "service-worker.js",
        source: `const BUILD = ${JSON.stringify(build)};\n${code}`,
      });
    },
  };
}
