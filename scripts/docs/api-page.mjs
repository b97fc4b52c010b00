// The API reference of one entry.
import { Marked } from "marked";
import { readDeclarations } from "./declarations.mjs";
import { codeBlock, escapeHtml } from "./markdown.mjs";
import { pages, relativeLink } from "./pages.mjs";

const marked = new Marked();

/** Every entry's exports, and where each name is explained. */
export function readApi() {
  const declarations = readDeclarations();
  const places = new Map();
  for (const { source, exported } of declarations.toReversed()) {
    const { file } = pages.find((page) => page.source === source);
    for (const { name } of exported) places.set(name, `${file}#${name.toLowerCase()}`);
  }
  return { declarations, places };
}

/** @param {ReturnType<typeof readApi>} api */
export function apiPage({ declarations, places }, source, title, file) {
  const { comment, exported } = declarations.find((entry) => entry.source === source);
  const own = new Map(exported.map(({ name }) => [name, `#${name.toLowerCase()}`]));
  const linkTo = (name) => own.get(name) ?? (places.has(name) ? relativeLink(file, places.get(name)) : undefined);
  const values = exported.filter(({ kind }) => kind !== "interface" && kind !== "type");
  const types = exported.filter((each) => !values.includes(each));
  const list = (names) =>
    names.map(({ name }) => `<a href="#${name.toLowerCase()}"><code>${name}</code></a>`).join(", ");
  const shown = values.length > 0 ? `import { ${values.map(({ name }) => name).join(", ")} } from "${title}";` : "";
  return [
    `<h1><code>${title}</code></h1>`,
    prose(comment, linkTo),
    shown && codeBlock(escapeHtml(shown)),
    values.length > 0 && `<p>Values: ${list(values)}.</p>`,
    types.length > 0 && `<p>Types: ${list(types)}.</p>`,
    ...[...values, ...types].map((each) => declared(each, linkTo)),
  ]
    .filter(Boolean)
    .join("\n");
}

function declared({ name, kind, comment, text, members }, linkTo) {
  const id = name.toLowerCase();
  return `<section aria-labelledby="${id}">
<h2 id="${id}"><a href="#${id}"><code>${name}</code></a> <span class="quiet">${kind}</span></h2>
${prose(comment, linkTo)}
${signature(text, linkTo)}
${members.map((member) => memberOf(member, linkTo)).join("\n")}
</section>`;
}

function memberOf({ text, comment }, linkTo) {
  return `<div class="member">${signature(text, linkTo)}${prose(comment, linkTo)}</div>`;
}

/** A declaration with links to what is explained elsewhere. */
function signature(text, linkTo) {
  const indented = /\n( *)[^\n]*$/.exec(text)?.[1] ?? "";
  const lines = text.replaceAll(`\n${indented}`, "\n").replaceAll(/ {4}/g, "  ");
  const html = escapeHtml(lines).replace(/&#34;.*?&#34;|(?<![\w#$.-])[A-Z]\w*/g, (name) => {
    const link = linkTo(name);
    return link === undefined ? name : `<a href="${link}">${name}</a>`;
  });
  return `<pre class="signature" tabindex="0"><code>${html}</code></pre>\n`;
}

/** A comment as HTML: Markdown, with {@link NAME}. */
function prose(comment, linkTo) {
  const text = comment
    .replace(/\{@link ([^}\s]+)\}/g, (_, name) => {
      const link = linkTo(name);
      return link === undefined ? `\`${name}\`` : `[\`${name}\`](${link})`;
    })
    .replace(/^@(\w+) /gm, "\n_$1_: ")
    .replace(/<(?=\w)/g, "&lt;");
  return marked.parser(marked.lexer(text));
}
