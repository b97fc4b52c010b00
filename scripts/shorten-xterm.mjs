// A Vite plugin: xterm.js names its own members with a leading underscore, and ships them at full length. They are a sixteenth
// of what a visitor downloads as JavaScript (98.2 → 92.8 kB gzip, xterm.js 6.0.0). And it makes <style> elements and style
// attributes, which a policy without 'unsafe-inline' refuses: here it adopts style sheets and sets properties instead.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { minify } from "terser";

const XTERM = /[/\\]@xterm[/\\]xterm[/\\]lib[/\\]xterm\.mjs$/;
/** Its own: by the underscore, and some that it uses often and neither addons nor pages know. */
const MEMBER =
  /^_[a-z]|^(rawOptions|decPrivateModes|triggerDataEvent|setCellFromCodepoint|coreMouseService|markRangeDirty|setExecuteHandler|viewport(Start|End)Row|onSpecificOptionChange|precedingJoinState|getTrimmedLength)$/;
/** What xterm.js 6.0.0 writes, how often, and what stands for it. */
const STYLES = [
  [/([\w.]+)=[\w.]+\.createElement\("style"\),([\w.]+)\.appendChild\(\1\)/g, 3, "$1=new AdoptedStyle($2)"],
  [/(\w+)\.setAttribute\("style",`\$\{\1\.getAttribute\("style"\)\|\|""\}\$\{(\w+)\};`\)/g, 1, "$1.style.cssText+=$2"],
];
/** What xterm.js takes for its <style>. It comes before what the root adopts besides, as that would; empty, it stays there. */
const ADOPTED_STYLE = `
class AdoptedStyle extends CSSStyleSheet {
  constructor(parent) {
    super();
    parent.getRootNode().adoptedStyleSheets.unshift(this);
  }
  set textContent(text) {
    this.replaceSync(text);
  }
  remove() {
    this.replaceSync("");
  }
}
`;
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
  const result = await minify(withoutInlineStyles(code), {
    module: true,
    compress: false,
    mangle: { properties },
    sourceMap: true,
  });
  return { code: result.code, map: result.map };
}

function withoutInlineStyles(code) {
  const adopting = STYLES.reduce((changed, [written, count, instead]) => {
    const found = changed.match(written)?.length ?? 0;
    if (found !== count) throw new Error(`xterm.js makes its styles otherwise: ${found} of ${count} × ${written}`);
    return changed.replace(written, instead);
  }, code);
  if (/createElement\("style"|setAttribute\("style"/.test(adopting)) throw new Error("xterm.js makes more styles.");
  return adopting + ADOPTED_STYLE;
}

/** The addon reaches into the terminal. */
async function membersUsedByAddons() {
  const addon = createRequire(import.meta.url).resolve("@xterm/addon-fit");
  const code = await readFile(addon, "utf8");
  return [...new Set(code.match(/\b_[a-z]\w*/gi))];
}
