// Markdown of the repository as HTML of the site: links between files become links between pages.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, posix } from "node:path";
import { Marked } from "marked";
import { root } from "../npm.mjs";
import { pages, parts, relativeLink } from "./pages.mjs";

/** `<!-- include FILE -->` or `<!-- include FILE#SECTION -->`: without the heading, so that a text has one place. */
const INCLUDE = /^<!-- include (\S+?)(?:#(\S+))? -->\s*$/;
const ELSEWHERE = /^[a-z][a-z0-9+.-]*:/i;
/** Files of the repository that are shown as they are. */
const TEXTS = new Set(["", ".ts", ".js", ".mjs", ".html", ".css", ".json", ".sh"]);

export const escapeHtml = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** As GitHub does, so that a link to a section works in both places. */
export function slugOf(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/**
 * @param {string} source Markdown, of the repository
 * @param {string} file of the site
 * @param {(source: string, kind: "media" | "text") => string} emit makes a file of the repository one of the site, and gives its name
 */
export function renderMarkdown(source, file, emit) {
  const problems = [];
  const tokens = tokensOf(source, (path, kind) => {
    const target = kind === "link" ? pageOf(path) : undefined;
    if (target) return relativeLink(file, target);
    const full = join(root, path);
    if (!existsSync(full) || !statSync(full).isFile() || (kind === "link" && !TEXTS.has(extname(path)))) {
      problems.push(`${source}: ${path} is not on the site`);
      return undefined;
    }
    return relativeLink(file, emit(path, kind === "link" ? "text" : "media"));
  });
  const title = tokens.find(({ type, depth }) => type === "heading" && depth === 1)?.text ?? source;
  return { title, html: new Marked({ renderer: renderer() }).parser(tokens), problems };
}

function pageOf(path) {
  const whole = path.replace(/\/$/, "");
  return parts[whole] ?? pages.find(({ source }) => source === whole || source === `${whole}/index.html`)?.file;
}

/** Links are resolved where they stand: what is included has another folder. */
function tokensOf(source, resolve) {
  const marked = new Marked();
  const tokens = marked.lexer(readFileSync(join(root, source), "utf8"));
  void marked.walkTokens(tokens, (token) => {
    if (token.type !== "link" && token.type !== "image") return;
    const { href } = token;
    if (ELSEWHERE.test(href) || href.startsWith("#")) return;
    const [path, hash] = href.split("#");
    token.path = posix.join(dirname(source), decodeURI(path));
    const found = resolve(token.path, token.type);
    if (found !== undefined) token.href = hash === undefined ? found : `${found}#${hash}`;
  });
  let depth = 1;
  return tokens.flatMap((token) => {
    if (token.type === "heading") depth = token.depth;
    const include = token.type === "html" ? INCLUDE.exec(token.raw) : undefined;
    if (!include) return [token];
    const included = tokensOf(posix.join(dirname(source), include[1]), resolve);
    return section(included, include[2], depth);
  });
}

/** What stands below the heading `slug`, or below the title; its headings go below one of `depth`. */
function section(tokens, slug, depth) {
  const start = tokens.findIndex(
    ({ type, depth, text }) => type === "heading" && (slug === undefined ? depth === 1 : slugOf(text) === slug),
  );
  if (start < 0) throw new Error(`There is no section ${slug ?? "with a title"} to include.`);
  const top = tokens[start].depth;
  const length = tokens.slice(start + 1).findIndex((token) => token.type === "heading" && token.depth <= top);
  const inside = tokens.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  return inside.map((token) => (token.type === "heading" ? { ...token, depth: token.depth - top + depth } : token));
}

function renderer() {
  const slugs = new Map();
  return {
    heading({ tokens, depth, text }) {
      const slug = slugOf(text);
      const count = slugs.get(slug) ?? 0;
      slugs.set(slug, count + 1);
      const id = count === 0 ? slug : `${slug}-${count}`;
      const inner = this.parser.parseInline(tokens);
      return depth === 1
        ? `<h1 id="${id}">${inner}</h1>\n`
        : `<h${depth} id="${id}"><a href="#${id}">${inner}</a></h${depth}>\n`;
    },
    code: ({ text }) => codeBlock(escapeHtml(text)),
    table({ header, rows }) {
      const cell = (element, { tokens, align }, attributes = "") => {
        const aligned = align ? ` align="${align}"` : "";
        return `<${element}${attributes}${aligned}>${this.parser.parseInline(tokens)}</${element}>`;
      };
      // Where the columns have names and the first has none, it names the rows.
      const namesRows = header[0].text === "";
      const head = header.map((column) => (column.text === "" ? "<td></td>" : cell("th", column, ' scope="col"')));
      const body = rows.map((row) =>
        row.map((each, at) => (namesRows && at === 0 ? cell("th", each, ' scope="row"') : cell("td", each))).join(""),
      );
      const lines = body.map((line) => `<tr>${line}</tr>`).join("\n");
      return `<div class="wide" tabindex="0"><table>\n<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${lines}\n</tbody>\n</table></div>\n`;
    },
    // A drawing of ours has its title and description in it, and the page's colours.
    image: ({ href, text, path }) =>
      path?.startsWith("docs/") && path.endsWith(".svg")
        ? readFileSync(join(root, path), "utf8")
        : `<img src="${href}" alt="${escapeHtml(text)}" loading="lazy">`,
  };
}

/** @param {string} html what stands in it */
export function codeBlock(html) {
  return `<div class="code"><pre tabindex="0"><code>${html}</code></pre></div>\n`;
}
