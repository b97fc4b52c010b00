// The frame of every page of the documentation.
import { escapeHtml } from "./markdown.mjs";
import { pages, relativeLink } from "./pages.mjs";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** @param {{ file: string, title: string, html: string }} page `html` begins with its h1. */
export function layout({ file, title, html }) {
  const to = (target) => relativeLink(file, target);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escapeHtml(title)} · v86-virtiofs</title>
    <link rel="icon" type="image/svg+xml" href="${to("../icon.svg")}" />
    <link rel="stylesheet" href="${to("docs.css")}" />
    <script type="module" src="${to("docs.js")}"></script>
  </head>
  <body>
    <a class="skip" href="#content">Skip to the text</a>
    <header>
      <a class="home" href="${to("../index.html")}">v86-virtiofs</a>
      <a href="${to("index.html")}">Documentation</a>
      <a class="to-pages" href="#pages">All pages</a>
    </header>
    <main id="content" tabindex="-1">
${html}
    </main>
    <nav id="pages" aria-label="Documentation">
${navigation(file)}
    </nav>
  </body>
</html>
`;
}

function navigation(file) {
  return [...new Set(pages.map(({ group }) => group))]
    .map((group) => {
      const inside = pages.filter((page) => page.group === group);
      const items = inside.map((page) => {
        const current = page.file === file ? ' aria-current="page"' : "";
        return `<li><a href="${relativeLink(file, page.file)}"${current}>${page.title}</a></li>`;
      });
      return `<h2>${group}</h2>\n<ul>\n${items.join("\n")}\n</ul>`;
    })
    .join("\n");
}
