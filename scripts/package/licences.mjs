// The licences of everything that is in the package: of what the bundler put into its scripts, and of the machine's images.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../npm.mjs";

const PACKAGE = /^(.*[/\\]node_modules[/\\])((?:@[^/\\]+[/\\])?[^/\\]+)/;
const LICENCE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

export class Licences {
  /** Folders of packages, by name. */
  #packages = new Map();

  /** @returns {import("vite").Plugin} Takes note of what the bundle has in it. */
  plugin() {
    return {
      name: "licences",
      generateBundle: (_, bundle) => {
        for (const output of Object.values(bundle)) {
          for (const module of output.type === "chunk" ? output.moduleIds : []) {
            const [folder, , name] = PACKAGE.exec(module) ?? [];
            if (folder) this.#packages.set(name.replaceAll("\\", "/"), folder);
          }
        }
      },
    };
  }

  write(file) {
    const parts = [...this.#packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(ofPackage);
    writeFileSync(file, [HEAD, ...parts, ofImages(), ...textsOfImages()].join(`\n${"=".repeat(78)}\n\n`));
  }
}

const HEAD = `v86-virtiofs is under the MIT licence: see the file LICENSE. It has in it the following, under their own licences.
`;

function ofPackage([name, folder]) {
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder).filter((file) => LICENCE.test(file));
  if (texts.length === 0) throw new Error(`${name} has no licence in its package.`);
  return `${name} ${version} (${license})\n\n${texts.map((text) => readFileSync(join(folder, text), "utf8")).join("\n")}`;
}

/** public/guest/manifest.json knows what is in the images. */
function ofImages() {
  const { files } = JSON.parse(readFileSync(join(root, "public/guest/manifest.json"), "utf8"));
  const images = files.flatMap(({ name, contains = [] }) =>
    contains.map((part) => `${name}: ${part.name} ${part.version}, ${part.licence}; source: ${part.source}`),
  );
  return `The machine's images, in lib/machine; snapshot.bin has all of them in it.

${images.join("\n")}

A source by name and version is a source package of Debian: apt-get source PACKAGE=VERSION, or snapshot.debian.org. The recipe of the
images, with the patches to Linux, is the folder guest of this project's repository. The licences' texts follow.
`;
}

function textsOfImages() {
  const folder = join(root, "public/guest/licences");
  return readdirSync(folder)
    .sort()
    .map((name) => `${name}\n\n${readFileSync(join(folder, name), "utf8")}`);
}
