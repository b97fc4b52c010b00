// The package's own package.json: what users have no use for stays in the project's.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../npm.mjs";
import { entries } from "./entries.mjs";

export function manifest() {
  const project = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { name, version, description, license, type, engines } = project;
  return {
    name,
    version,
    description,
    license,
    type,
    exports: exportsField(),
    sideEffects: ["./lib/element.js"],
    engines,
  };
}

export function exportsField() {
  return {
    ...Object.fromEntries(
      entries.map(({ subpath, name, types }) => [subpath, { types: `./lib/${types}`, default: `./lib/${name}.js` }]),
    ),
    "./package.json": "./package.json",
  };
}
