import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { parseSync } from "vite";
import { describe, expect, test } from "vitest";
import { root } from "../npm.mjs";
import { readDeclarations } from "./declarations.mjs";
import { pages } from "./pages.mjs";
import { renderSite } from "./site.mjs";

const { files, problems } = renderSite();
const html = [...files]
  .filter(([name]) => name.endsWith(".html"))
  .map(([name, text]) => ({ name, text: String(text) }));
/** What others put beside the site, and its examples. */
const BESIDE = ["../index.html", "../icon.svg", ...pages.map(({ file }) => file).filter((file) => !files.has(file))];

function attributes(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, value]) => value!);
}

test("what the pages link to is on the site", () => {
  expect(problems).toEqual([]);
  const anchors = new Map(html.map(({ name, text }) => [name, new Set(attributes(text, / id="([^"]*)"/g))]));
  const broken = html.flatMap(({ name, text }) =>
    attributes(text, / (?:href|src)="([^"]*)"/g)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path, hash] = link.split("#") as [string, string?];
        const target = path === "" ? name : posix.join(posix.dirname(name), path);
        if (BESIDE.includes(target)) return false;
        return !files.has(target) || (hash !== undefined && !anchors.get(target)?.has(hash));
      })
      .map((link) => `${name}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test("every text of docs is a page", () => {
  const texts = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  expect(texts.filter((name) => !pages.some(({ source }) => source === `docs/${name}`))).toEqual([]);
});

test("every block of code can be parsed", () => {
  const sources = pages.map(({ source }) => source).filter((source) => source.endsWith(".md"));
  const blocks = sources.flatMap((source) =>
    [...readFileSync(join(root, source), "utf8").matchAll(/^```(js|jsx|ts|tsx)\b.*\n([^]*?)^```/gm)].map(
      ([, language, code]) => ({
        source,
        code,
        errors: parseSync(`block.${language}`, code!, { sourceType: "module" }).errors,
      }),
    ),
  );
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks.filter(({ errors }) => errors.length > 0)).toEqual([]);
});

test("no page has an id twice", () => {
  for (const { name, text } of html) {
    const ids = attributes(text, / id="([^"]*)"/g);
    expect(ids, name).toEqual([...new Set(ids)]);
  }
});

test("nothing comes from elsewhere", () => {
  for (const { text } of html) expect(text).not.toMatch(/<(?:script|link|img|iframe)[^>]* (?:src|href)="[a-z]+:/);
});

describe.each(readDeclarations())("the entry $source", ({ source, comment, exported }) => {
  test("is explained, and everything that it exports", () => {
    expect(comment).not.toBe("");
    expect(exported.filter((each) => each.comment === "").map(({ name }) => name)).toEqual([]);
  });

  test("says of every member what it is", () => {
    const silent = exported.flatMap(({ name, members }) =>
      members.filter((member) => member.needsComment && member.comment === "").map(({ text }) => `${name}: ${text}`),
    );
    expect(silent).toEqual([]);
  });

  test("has each export on its page", () => {
    const { file } = pages.find((page) => page.source === source)!;
    const page = String(files.get(file));
    for (const { name } of exported) expect(page).toContain(` id="${name.toLowerCase()}"`);
  });
});
