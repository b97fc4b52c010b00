// npm run package: makes the npm package's files in lib, anew. Entries that lib/ANY.js shares are chunks beside them, so that each finds
// the machine's files as ./machine/NAME; all that the entries import is in them, and its licences in lib/LICENCES.txt.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "vite";
import { root } from "../npm.mjs";
import { shortenXterm } from "../shorten-xterm.mjs";
import { snapshotOfMachine } from "../snapshot-plugin.mjs";
import { entries, IMAGES } from "./entries.mjs";
import { Licences } from "./licences.mjs";
import { writeTypes } from "./types.mjs";

const lib = join(root, "lib");
const machine = join(lib, "machine");
const TARGET = "es2023";

rmSync(lib, { recursive: true, force: true });
mkdirSync(machine, { recursive: true });
const licences = new Licences();
await buildEntries();
await buildWorker();
for (const image of IMAGES) copyFileSync(join(root, "public/guest", image), join(machine, image));
copyFileSync(createRequire(import.meta.url).resolve("v86/build/v86.wasm"), join(machine, "v86.wasm"));
licences.write(join(lib, "LICENCES.txt"));
writeTypes(lib);

async function buildEntries() {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    plugins: [shortenXterm(), atImportMetaUrl(), licences.plugin()],
    resolve: {
      alias: [{ find: /^\.\/machine-files\.js$/, replacement: join(root, "src/client/packaged-files.ts") }],
    },
    build: {
      outDir: lib,
      emptyOutDir: false,
      target: TARGET,
      sourcemap: true,
      // The user's bundler does it for all; what is read here can be read.
      minify: false,
      lib: {
        entry: Object.fromEntries(entries.map(({ name, source }) => [name, join(root, source)])),
        formats: ["es"],
      },
      rolldownOptions: {
        output: {
          entryFileNames: "[name].js",
          // A part of a group has the names of all that share it: numbers will do.
          chunkFileNames: ({ name }) => `${name.split("~")[0]}.js`,
          // Files that import each other without effects can be left out one by one.
          codeSplitting: {
            groups: [
              { name: "comlink", test: /[/\\]comlink[/\\]/, priority: 2 },
              { name: "machine-error", test: /[/\\]machine-error\.ts$/, priority: 1 },
              { name: "client", test: /[/\\]src[/\\]client[/\\]/, tags: ["$initial"], entriesAware: true },
            ],
          },
        },
      },
    },
  });
}

/** One file: bundlers take it as an asset, without a look at what it imports. */
async function buildWorker() {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "warn",
    plugins: [snapshotOfMachine("snapshot.bin"), withoutWasm(), licences.plugin()],
    build: {
      outDir: machine,
      emptyOutDir: false,
      target: TARGET,
      modulePreload: false,
      chunkSizeWarningLimit: 700, // kB
      rolldownOptions: {
        input: { worker: join(root, "src/machine/worker.ts") },
        // v86 asks for these under Node only.
        external: [/^node:/, "crypto", "fs", "perf_hooks"],
        output: { format: "es", entryFileNames: "[name].js", codeSplitting: false },
      },
    },
  });
}

/** src/client/packaged-files.ts: a name as long as what stands for it, so that the source map stays right. */
function atImportMetaUrl() {
  return {
    name: "at-import-meta-url",
    renderChunk: (code) => ({ code: code.replaceAll("PACKAGE_ADDRESS", "import.meta.url"), map: null }),
  };
}

/** The Worker is told where it is. */
function withoutWasm() {
  return {
    name: "without-wasm",
    enforce: "pre",
    resolveId: (source) => (source === "v86/build/v86.wasm?url" ? "\0without-wasm" : undefined),
    load: (id) => (id === "\0without-wasm" ? 'export default "";' : undefined),
  };
}
