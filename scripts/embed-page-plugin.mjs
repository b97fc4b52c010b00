// A Vite plugin: after the page, the build makes embed.html, the page that others show in a frame. It is a build of its own, since its
// first paint is a tenth of the page's: nothing of what the page needs at once is to come with it.
import { join, resolve } from "node:path";
import { build } from "vite";
import { root } from "./npm.mjs";

/**
 * @param {() => import("vite").InlineConfig} config what both builds have in common
 * @returns {import("vite").Plugin}
 */
export function embedPage(config) {
  let resolved;
  return {
    name: "embed-page",
    apply: "build",
    configResolved(found) {
      resolved = found;
    },
    closeBundle: {
      sequential: true,
      async handler() {
        // The tests' own pages are built with the same configuration.
        if (resolve(resolved.root) !== resolve(root)) return;
        const { logLevel } = resolved;
        const common = config();
        await build({
          ...common,
          root,
          logLevel,
          configFile: false,
          publicDir: false, // It is there already.
          build: {
            ...common.build,
            outDir: resolved.build.outDir,
            emptyOutDir: false,
            modulePreload: false,
            rolldownOptions: {
              input: join(root, "embed.html"),
              // scripts/size-budget.mjs counts them apart.
              output: {
                entryFileNames: "assets/embed/[name]-[hash].js",
                chunkFileNames: "assets/embed/[name]-[hash].js",
                assetFileNames: "assets/embed/[name]-[hash][extname]",
              },
            },
          },
        });
      },
    },
  };
}
