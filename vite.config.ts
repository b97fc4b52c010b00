import { fileURLToPath } from "node:url";
import { type InlineConfig, defineConfig } from "vite";
import { contentSecurity } from "./scripts/content-security-plugin.mjs";
import { docsSite } from "./scripts/docs-plugin.mjs";
import { earlyWorker } from "./scripts/early-worker-plugin.mjs";
import { embedPage } from "./scripts/embed-page-plugin.mjs";
import { serviceWorker } from "./scripts/service-worker-plugin.mjs";
import { shortenXterm } from "./scripts/shorten-xterm.mjs";
import { snapshotOfMachine } from "./scripts/snapshot-plugin.mjs";

/** The chunks that are there at once: the groups below, and what v86 needs of the bundler. Another is shared by later ones alone. */
const AT_ONCE = ["page", "machine", "v86", "rolldown-runtime"];

/** What is only loaded when it is needed has a folder of its own: scripts/size-budget.mjs counts it apart. */
function chunkFileNames({ name }: { name: string }): string {
  return `assets/${AT_ONCE.includes(name) ? "" : "later/"}[name]-[hash].js`;
}

/** What the page and the other pages of the site have in common. */
function common(): InlineConfig {
  return {
    // Any folder of any static host.
    base: "./",
    plugins: [shortenXterm(), snapshotOfMachine(), contentSecurity()],
    // What the examples of docs import.
    resolve: { alias: { "v86-virtiofs/element": fileURLToPath(new URL("src/element/index.ts", import.meta.url)) } },
    build: { target: "es2023", sourcemap: true },
    worker: {
      format: "es",
      rolldownOptions: {
        // v86 asks for these under Node only, by import(); in a browser that code is never reached.
        external: [/^node:/, "crypto", "fs", "perf_hooks"],
        output: {
          // v86 yields by scheduler.postTask, not through a nested worker, where its worker's address says so. The query
          // "?use-scheduling-api" at `new Worker` does the same for the development server.
          entryFileNames: "assets/[name]-use-scheduling-api-[hash].js",
          chunkFileNames,
          // A file of its own: it changes rarely, and scripts/size-budget.mjs leaves it out.
          codeSplitting: {
            groups: [
              { name: "v86", test: /node_modules[/\\]v86[/\\]/ },
              { name: "machine", tags: ["$initial"] },
            ],
          },
        },
      },
    },
  };
}

const { plugins = [], build, ...shared } = common();

export default defineConfig({
  ...shared,
  // The policy comes after the script that it has to know.
  plugins: [earlyWorker(), ...plugins, serviceWorker(), embedPage(common), docsSite(common)],
  build: {
    ...build,
    // The code for it weighs more than it saves: what is loaded later is one file.
    modulePreload: false,
    rolldownOptions: {
      // What is needed at once stays in one file, also where something that is loaded later needs it too.
      output: { chunkFileNames, codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } },
    },
  },
});
