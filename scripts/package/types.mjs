// Declarations of the package: of the entries, and of what is named in them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { root } from "../npm.mjs";
import { entries } from "./entries.mjs";

const IMPORTED = /(?:\bfrom|\bimport\(|\bimport)\s*["']([^"']+)["']/g;
const DISPOSABLE = /\b(Async)?Disposable\b|\bSymbol\.(dispose|asyncDispose)\b/;

/** Writes lib/types. */
export function writeTypes(lib) {
  const types = join(lib, "types");
  compile(types);
  const reached = new Set();
  for (const entry of entries) reach(join(lib, entry.types), reached);
  for (const file of filesBelow(types)) {
    if (!reached.has(file)) rmSync(file);
    else nameLibrary(file);
  }
  removeEmpty(types);
}

function compile(outDir) {
  const config = {
    extends: "../tsconfig.json",
    compilerOptions: {
      noEmit: false,
      emitDeclarationOnly: true,
      declaration: true,
      stripInternal: true,
      allowJs: false,
      rootDir: "../src",
      outDir,
    },
    files: entries.map(({ source }) => `../${source}`),
    include: ["../src/**/*.d.ts"],
  };
  // Of this process: the documentation's build makes them too.
  const file = join(root, `.cache/tsconfig.package-${process.pid}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(config));
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", file], { cwd: root, stdio: "inherit" });
  rmSync(file);
  if (status !== 0) throw new Error("The declarations could not be made.");
}

function reach(file, reached) {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier] of readFileSync(file, "utf8").matchAll(IMPORTED)) {
    if (!specifier.startsWith(".")) continue;
    const imported = resolve(dirname(file), specifier.replace(/\.js$/, ".d.ts"));
    if (existsSync(imported)) reach(imported, reached);
  }
}

/** Of TypeScript, where the user's own settings may not have it: no year of ECMAScript has these yet. */
function nameLibrary(file) {
  const source = readFileSync(file, "utf8");
  if (!DISPOSABLE.test(source)) return;
  writeFileSync(file, `/// <reference lib="esnext.disposable" />\n${source}`);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
