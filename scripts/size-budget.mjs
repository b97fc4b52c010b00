// Fails when what a visitor downloads outgrows its budget; reads the build in dist.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { elementSize } from "./element-size.mjs";
import { build } from "esbuild";
import { root } from "./npm.mjs";

const dist = join(root, "dist");
if (!existsSync(dist)) {
  console.error("There is no build to measure: run `npm run build` first.");
  process.exit(1);
}
const built = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  // The documentation is another site.
  .filter((file) => !/^(assets[/\\])?docs[/\\]/.test(relative(dist, file)));

// vite.config.ts gives v86 a chunk of its own.
const page = built.filter((file) => !/^(assets[/\\]embed[/\\]|embed\.html$)/.test(relative(dist, file)));
const scripts = page.filter((file) => file.endsWith(".js") && !/[/\\]v86-[^/\\]*$/.test(file));
// What is imported when it is needed: vite.config.ts gives it a folder of its own.
const later = scripts.filter((file) => /[/\\]later[/\\]|service-worker\.js$/.test(file));
const snapshot = built.filter((file) => /[/\\]snapshot-[^/\\]*\.bin$/.test(file));
const guest = built.filter((file) => file.startsWith(join(dist, "guest")) && !snapshot.includes(file));
const texts = page.filter((file) => /\.(html|css|wasm|svg)$/.test(file));

const compressed = (file) => gzipSync(readFileSync(file)).length;
budget(
  "JavaScript of the page, ours and xterm's, gzip",
  sum(
    scripts.filter((file) => !later.includes(file)),
    compressed,
  ),
  150_000,
);
// Among it what only frames load.
budget("JavaScript that is loaded when it is needed, gzip", sum(later, compressed), 70_000);
budget(
  "Guest kernel and initramfs",
  sum(guest, (file) => statSync(file).size),
  6_000_000,
);
// As hosts send it; the snapshot and the images are compressed themselves.
budget(
  "Download until the shell: page, scripts, v86, snapshot",
  sum([...texts, ...page.filter((file) => file.endsWith(".js") && !later.includes(file))], compressed) +
    sum(snapshot, (file) => statSync(file).size),
  7_000_000,
);
budget("<linux-vm> before its machine, gzip", await elementSize(), 10_000);

const frame = readFileSync(join(dist, "embed.html"), "utf8");
const atOnce = [...frame.matchAll(/(?:src|href)="\.\/([^"]*\.(?:js|css|svg))"/g)].map(([, file]) => join(dist, file));
budget(
  "First paint of a frame: page, styles, scripts, gzip",
  sum([join(dist, "embed.html"), ...atOnce], compressed),
  60_000,
);
// What a site gets that imports `embed`; the rest comes when a folder is shared, or files are asked for.
const { outputFiles, metafile } = await build({
  entryPoints: [join(root, "src/embed/index.ts")],
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  outdir: join(root, "host"),
  absWorkingDir: root,
  metafile: true,
  write: false,
});
const host = new Set(["host/index.js"]);
for (const name of host) {
  for (const { path, kind } of metafile.outputs[name].imports) if (kind === "import-statement") host.add(path);
}
budget(
  "`embed` for the page around a frame, gzip",
  sum(
    outputFiles.filter(({ path }) => host.has(relative(root, path).replaceAll("\\", "/"))),
    ({ contents }) => gzipSync(contents).length,
  ),
  4_000,
);

function sum(files, size) {
  return files.reduce((bytes, file) => bytes + size(file), 0);
}

function budget(what, bytes, limit) {
  const within = bytes < limit;
  console.log(`${within ? "✓" : "✗"} ${what}: ${(bytes / 1000).toFixed(1)} of ${limit / 1000} kB`);
  if (!within) process.exitCode = 1;
}
