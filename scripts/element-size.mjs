// What a page loads for `<linux-vm>` before its machine starts.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { root } from "./npm.mjs";

/** Bytes by gzip of the entry ./element without what it imports when a machine starts (`src/element/running.ts`). */
export async function elementSize() {
  const [{ output }] = await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      lib: { entry: join(root, "src/element/index.ts"), formats: ["es"] },
      minify: "oxc",
      rolldownOptions: { external: /[/\\]running\.js$/ },
    },
  });
  return output.reduce((bytes, { code }) => bytes + gzipSync(code).length, 0);
}
