// The documentation as files: pages from Markdown, the API reference from the declarations, styles and pictures.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../npm.mjs";
import { apiPage, readApi } from "./api-page.mjs";
import { layout } from "./layout.mjs";
import { codeBlock, escapeHtml, renderMarkdown } from "./markdown.mjs";
import { pages } from "./pages.mjs";

/** @returns {{ files: Map<string, string | Buffer>, problems: string[] }} Files by their names below docs/; links to what is not there. */
export function renderSite() {
  /** @type {Map<string, string | Buffer>} */
  const files = new Map();
  const problems = [];
  const read = (path) => readFileSync(join(root, path));
  files.set(
    "docs.css",
    ["src/page/style/colors.css", "src/page/style/base.css", "scripts/docs/docs.css"].map(read).join("\n"),
  );
  files.set("docs.js", read("scripts/docs/docs.js"));

  const emit = (path, kind) => {
    const file = kind === "media" ? `media/${basename(path)}` : `files/${path}.html`;
    if (!files.has(file)) files.set(file, kind === "media" ? read(path) : textPage(file, path, String(read(path))));
    return file;
  };

  const api = readApi();
  for (const { source, title, file } of pages) {
    if (source.endsWith(".md")) {
      const page = renderMarkdown(source, file, emit);
      problems.push(...page.problems);
      files.set(file, layout({ file, title: page.title, html: page.html }));
    } else if (source.endsWith(".ts")) {
      files.set(file, layout({ file, title, html: apiPage(api, source, title, file) }));
    }
  }
  return { files, problems };
}

function textPage(file, path, text) {
  return layout({ file, title: path, html: `<h1>${escapeHtml(path)}</h1>\n${codeBlock(escapeHtml(text))}` });
}
