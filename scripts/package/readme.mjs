// The package's README, which the registry shows: docs/npm.md. The package has no other page of the documentation, so that what
// leads to one is its text alone.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Marked } from "marked";
import { root } from "../npm.mjs";

const TITLE = /^# .*$/m;

export function readme() {
  const source = readFileSync(join(root, "docs/npm.md"), "utf8");
  return linksOf(source)
    .filter(({ href }) => !/^(https:|#)/.test(href))
    .reduce((text, link) => text.replace(link.raw, link.text), source)
    .replace(TITLE, "# v86-virtiofs");
}

/** @param {string} markdown */
export function linksOf(markdown) {
  const marked = new Marked();
  /** @type {{ href: string, text: string, raw: string }[]} */
  const links = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === "link" || token.type === "image") links.push(token);
  });
  return links;
}
