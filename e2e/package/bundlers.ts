import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import type { Consumer } from "./fixtures.js";

/** The page that loads main.js beside it. */
export const PAGE = '<!doctype html><title>Consumer</title><script type="module" src="./main.js"></script>';

/** Makes a folder of files for a static host, from main.js and the page in `project`; gives its path. */
export type Bundler = (project: string, consumer: Consumer) => Promise<string>;

export const bundlers: Readonly<Record<"Vite" | "webpack" | "esbuild" | "Rollup" | "a plain script", Bundler>> = {
  async Vite(project) {
    const outDir = join(project, "out");
    await vite.build({ root: project, base: "./", configFile: false, logLevel: "error", build: { outDir } });
    return outDir;
  },

  async webpack(project) {
    const path = join(project, "out");
    await new Promise<void>((resolve, reject) => {
      webpack({ context: project, mode: "production", entry: "./main.js", output: { path } }, (error, stats) => {
        if (error) reject(error);
        else if (stats!.hasErrors()) reject(new Error(stats!.toString("errors-only")));
        else resolve();
      });
    });
    await writeFile(join(path, "index.html"), PAGE);
    return path;
  },

  async esbuild(project, { installed }) {
    const outdir = join(project, "out");
    await esbuild.build({ entryPoints: [join(project, "main.js")], bundle: true, format: "esm", outdir });
    await writeFile(join(outdir, "index.html"), PAGE);
    await cp(join(installed, "lib/machine"), join(outdir, "machine"), { recursive: true });
    return outdir;
  },

  async Rollup(project, { installed }) {
    const dir = join(project, "out");
    const bundle = await rollup({ input: join(project, "main.js"), plugins: [nodeResolve()] });
    await bundle.write({ dir, format: "es" });
    await bundle.close();
    await writeFile(join(dir, "index.html"), PAGE);
    await cp(join(installed, "lib/machine"), join(dir, "machine"), { recursive: true });
    return dir;
  },

  async "a plain script"(project, { installed }) {
    const out = join(project, "out");
    const script = await readFile(join(project, "main.js"), "utf8");
    await cp(join(installed, "lib"), join(out, "v86-virtiofs"), { recursive: true });
    await writeFile(join(out, "main.js"), script.replace('"v86-virtiofs"', '"./v86-virtiofs/index.js"'));
    await writeFile(join(out, "index.html"), PAGE);
    return out;
  },
};
