// Which files of the repository are pages of the documentation, in the order of the navigation.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../npm.mjs";
import { entries } from "../package/entries.mjs";

/** Of each group: source, title in the navigation, and the page where that is not the source's name in docs. */
const GROUPS = {
  "The page": [
    ["docs/start.md", "Start here", "index.html"],
    ["docs/share-a-folder.md", "Share a folder"],
    ["docs/browsers.md", "Browsers"],
    ["docs/limits.md", "Limits"],
  ],
  "In your own page": [
    ["docs/embed.md", "Embed in a frame"],
    ["docs/element.md", "The element"],
    ["docs/npm.md", "The npm package"],
    ["docs/examples/tutorial/index.html", "A lesson, live", "examples/tutorial/index.html"],
    ["docs/device.md", "The device for v86"],
    ["docs/storage.md", "File systems and stores"],
  ],
  "API reference": entries.map(({ subpath, source, name }) => [
    source,
    subpath === "." ? "v86-virtiofs" : `v86-virtiofs${subpath.slice(1)}`,
    `api/${name}.html`,
  ]),
  "How it works": [
    ["docs/how-it-works.md", "How it works"],
    ["docs/security.md", "Security"],
    ["docs/benchmarks.md", "Benchmarks"],
  ],
  "The project": [
    ["README.md", "Overview", "readme.html"],
    ["ARCHITECTURE.md", "Architecture", "architecture.html"],
    ["CONTRIBUTING.md", "Contributing", "contributing.html"],
    ["CHANGELOG.md", "Changes", "changelog.html"],
  ],
};

/**
 * @typedef {object} Page
 * @property {string} source of the repository
 * @property {string} title
 * @property {string} file of the site
 * @property {string} group
 */

/** @type {Page[]} those whose source is there. */
export const pages = Object.entries(GROUPS).flatMap(([group, rows]) =>
  rows
    .filter(([source]) => existsSync(join(root, source)))
    .map(([source, title, file]) => ({ source, title, group, file: file ?? `${source.slice(5, -3)}.html` })),
);

/** What is a part of a page. */
export const parts = {
  "bench/RESULTS.md": "benchmarks.html#results-of-the-last-run",
  "bench/README.md": "benchmarks.html#how-it-is-measured",
};

/** @param {string} from @param {string} to both of the site; what stands in a link. */
export function relativeLink(from, to) {
  const base = new URL(from, "file:///");
  const up = "../".repeat(base.pathname.split("/").length - 2);
  return `${up}${to}` || "./";
}
