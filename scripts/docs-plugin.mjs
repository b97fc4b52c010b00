// A Vite plugin: the documentation is made of docs/*.md and the sources' comments and put into docs/ beside the page, with the examples of
// docs/examples that are pages. Not through the page's bundle: the service worker keeps what is in that, and the page needs none of this.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { build } from "vite";
import { pages } from "./docs/pages.mjs";
import { renderSite } from "./docs/site.mjs";
import { root } from "./npm.mjs";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

/**
 * @param {() => import("vite").InlineConfig} config what the page's build and that of the examples have in common
 * @returns {import("vite").Plugin}
 */
export function docsSite(config) {
  let resolved;
  return {
    name: "docs-site",
    configResolved(found) {
      resolved = found;
    },
    transformIndexHtml: { order: "pre", handler: withMachine },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const name = /^\/docs\/([^?#]*)/.exec(request.url)?.[1];
        if (name === undefined) return next();
        const file = renderSite().files.get(name || "index.html");
        if (file === undefined) return next();
        response.setHeader("Content-Type", TYPES[extname(name || "index.html")] ?? "application/octet-stream");
        response.end(file);
      });
    },
    closeBundle: {
      sequential: true,
      async handler() {
        // The tests' own pages are built with the same configuration.
        if (resolved.command !== "build" || resolve(resolved.root) !== resolve(root)) return;
        const { files, problems } = renderSite();
        for (const problem of problems) this.warn(problem);
        const { outDir } = resolved.build;
        for (const [name, content] of files) {
          const path = resolve(resolved.root, outDir, "docs", name);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, content);
        }
        await buildExamples(resolved, config());
      },
    },
  };
}

async function buildExamples({ logLevel, build: { outDir } }, common) {
  const names = "assets/docs/[name]-[hash]";
  await build({
    ...common,
    plugins: [...common.plugins, { name: "with-machine", transformIndexHtml: { order: "pre", handler: withMachine } }],
    root,
    logLevel: logLevel === "info" ? "warn" : logLevel,
    configFile: false,
    publicDir: false, // It is there already.
    build: {
      ...common.build,
      outDir,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: {
        input: pages.filter(({ source }) => source.endsWith(".html")).map(({ source }) => join(root, source)),
        output: { entryFileNames: `${names}.js`, chunkFileNames: `${names}.js`, assetFileNames: `${names}[extname]` },
      },
    },
  });
}

/** An example stands in a folder of its own: the machine's images are the page's. */
function withMachine(html, { path }) {
  const depth = /^\/(docs\/.*)[^/]*$/.exec(path)?.[1].split("/").length;
  return depth === undefined
    ? html
    : html.replaceAll("<linux-vm ", `<linux-vm assets="${"../".repeat(depth - 1)}guest/" `);
}
