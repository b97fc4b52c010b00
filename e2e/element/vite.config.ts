import { fileURLToPath } from "node:url";
import { compile } from "svelte/compiler";
import { type Plugin, defineConfig } from "vite";
import { snapshotOfMachine } from "../../scripts/snapshot-plugin.mjs";
import site from "../../vite.config.js";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What Svelte's own plugin does for a component, without reloading and styles. */
const svelte: Plugin = {
  name: "svelte-components",
  transform: {
    filter: { id: /\.svelte$/ },
    handler: (code, filename) => compile(code, { filename, generate: "client" }).js,
  },
};

/** Pages with `<linux-vm>`: the platform alone, and one for each framework. */
export default defineConfig({
  root: at("."),
  base: "./",
  publicDir: at("../../public"),
  plugins: [snapshotOfMachine(), svelte],
  worker: site.worker!,
  resolve: {
    alias: {
      "v86-virtiofs/element": at("../../src/element/index.ts"),
      // With its compiler, for a template without a build step.
      vue: "vue/dist/vue.esm-bundler.js",
    },
  },
  define: {
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    rolldownOptions: {
      input: ["index.html", "react.html", "vue.html", "svelte.html"].map(at),
    },
  },
});
