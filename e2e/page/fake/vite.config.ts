import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** The page with a machine that is only pretended: `npx vite -c e2e/page/fake/vite.config.ts` to look at it. */
export default defineConfig({
  root: fileURLToPath(new URL("../../..", import.meta.url)),
  cacheDir: "node_modules/.vite-fake",
  optimizeDeps: { include: ["@xterm/xterm", "@xterm/addon-fit"] },
  resolve: {
    alias: [
      { find: /^(\.\.\/)+client\/index\.js$/, replacement: fileURLToPath(new URL("fake-client.ts", import.meta.url)) },
    ],
  },
});
