// guest/posix/manifest.json: which binary posix-cases is, and which sources it was made from.
//   node guest/posix/manifest.mjs           checks that both are as the manifest says
//   node guest/posix/manifest.mjs --write   writes it (guest/posix/build.sh does)
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const file = (name) => new URL(name, import.meta.url);
const digest = (content) => createHash("sha256").update(content).digest("hex");
const sumOf = (name) => digest(readFileSync(file(name)));

if (process.argv[2] === "--write") {
  writeFileSync(file("manifest.json"), `${JSON.stringify(describe(), null, 2)}\n`);
} else {
  const written = JSON.parse(readFileSync(file("manifest.json"), "utf8"));
  const found = describe();
  if (written.recipe !== found.recipe) complain("its sources have changed since it was built: run `npm run guest`");
  if (written.sha256 !== found.sha256) complain("is not the file that manifest.json names");
}

function describe() {
  const content = readFileSync(file("posix-cases"));
  return { recipe: recipeSum(), bytes: content.length, sha256: digest(content) };
}

/** Of everything that the binary's bytes depend on, but for the packages. */
function recipeSum() {
  const sources = ["./", "cases/"].flatMap((directory) =>
    readdirSync(file(directory))
      .filter((name) => /\.[ch]$/.test(name))
      .map((name) => `${directory}${name}`),
  );
  return digest([...sources.sort(), "build.sh"].map((name) => `${sumOf(name)}  ${name}\n`).join(""));
}

function complain(why) {
  console.error(`guest/posix/posix-cases: ${why}`);
  process.exitCode = 1;
}
