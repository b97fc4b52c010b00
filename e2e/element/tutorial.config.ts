import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import pages from "./vite.config.js";

/** docs/examples/tutorial, with the element from the sources. */
export default defineConfig({
  ...pages,
  root: fileURLToPath(new URL("../../docs/examples/tutorial", import.meta.url)),
  build: {},
});
