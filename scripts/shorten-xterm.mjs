// A Vite plugin: xterm.js names its own members with a leading underscore, and ships them at full length. They are a sixteenth
// of what a visitor downloads as JavaScript (98.2 → 92.8 kB gzip, xterm.js 6.0.0).
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { minify } from "terser";

const XTERM = /[/\\]@xterm[/\\]xterm[/\\]lib[/\\]xterm\.mjs$/;
const MEMBER = /^_[a-z]/;
/** The build makes several pages, one after the other. */
const shortened = new Map();

/** @returns {import("vite").Plugin} */
export function shortenXterm() {
  return {
    name: "shorten-xterm",
    apply: "build",
    transform: {
      filter: { id: XTERM },
      handler(code) {
        if (!shortened.has(code)) shortened.set(code, shorten(code));
        return shortened.get(code);
      },
    },
  };
}

async function shorten(code) {
  const properties = { regex: MEMBER, reserved: await membersUsedByAddons() };
  const result = await minify(code, { module: true, compress: false, mangle: { properties }, sourceMap: true });
  return { code: result.code, map: result.map };
}

/** The addon reaches into the terminal. */
async function membersUsedByAddons() {
  const addon = createRequire(import.meta.url).resolve("@xterm/addon-fit");
  const code = await readFile(addon, "utf8");
  return [...new Set(code.match(/\b_[a-z]\w*/gi))];
}
