// public/guest/manifest.json: what the images are, and what they were made from.
//   node guest/manifest.mjs               checks that public/guest is as the manifest says, and made from guest/ as it is now
//   node guest/manifest.mjs --write DIR   writes DIR/manifest.json (guest/build.sh does)
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const guest = fileURLToPath(new URL(".", import.meta.url));
const published = join(guest, "../public/guest");

/**
 * `quiet`: each message costs a millisecond. `tsc=reliable`: no watchdog over the emulator's clock. `memmap`: of 128 MiB, SeaBIOS
 * keeps the last 16 to itself; the kernel takes them back (with another size of memory, this changes nothing).
 */
const cmdline = "console=ttyS0 quiet tsc=reliable memmap=16M%0x7000000-2+1";

/** Everything that the images' bytes depend on. */
const recipe = [
  "agent/agent.c",
  "agent/upload.c",
  "build.sh",
  "kernel.config",
  "licences",
  "manifest.mjs",
  "packages.lock",
  "patches",
  "private-apt.sh",
  "rootfs",
];

if (process.argv[2] === "--write") {
  const directory = process.argv[3];
  writeFileSync(join(directory, "manifest.json"), `${JSON.stringify(describe(directory), null, 2)}\n`);
} else {
  const problems = check(published);
  for (const problem of problems) console.error(`public/guest: ${problem}`);
  process.exitCode = problems.length ? 1 : 0;
}

function describe(directory) {
  const parts = contents();
  return {
    cmdline,
    recipe: recipeSum(),
    files: filesBelow(directory)
      .filter((name) => name !== "manifest.json")
      .map((name) => ({ name, ...measure(join(directory, name)), contains: parts[name] })),
  };
}

function check(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8"));
  const problems = [];
  if (manifest.recipe !== recipeSum()) problems.push("guest/ has changed since this was built: run `npm run guest`");
  const expected = new Map(manifest.files.map((file) => [file.name, file]));
  const found = filesBelow(directory).filter((name) => name !== "manifest.json");
  for (const name of found) {
    const { sha256 } = measure(join(directory, name));
    if (expected.get(name)?.sha256 !== sha256) problems.push(`${name} is not the file that manifest.json names`);
    expected.delete(name);
  }
  for (const name of expected.keys()) problems.push(`${name} is missing`);
  return problems;
}

/** What is in each image, under which licence, and which Debian source package it comes from. */
function contents() {
  const version = (name) => locked().find((entry) => entry[0] === name)[1];
  const linux = version("linux-source-6.12");
  const busybox = version("busybox-static");
  const seabios = version("seabios");
  return {
    bzImage: [{ name: "Linux, with guest/patches", version: linux, licence: "GPL-2.0-only", source: `linux ${linux}` }],
    "initramfs.img": [
      // A source package has no number for the rebuilds of its binary packages.
      {
        name: "busybox",
        version: busybox,
        licence: "GPL-2.0-only",
        source: `busybox ${busybox.replace(/\+b\d+$/, "")}`,
      },
      // Linked into busybox: the Built-Using of its package.
      { name: "glibc", version: "2.36-9+deb12u14", licence: "LGPL-2.1-or-later", source: "glibc 2.36-9+deb12u14" },
      { name: "agent and scripts", version: "of this repository", licence: "MIT", source: "guest/" },
    ],
    "seabios.bin": [{ name: "SeaBIOS", version: seabios, licence: "LGPL-3.0-only", source: `seabios ${seabios}` }],
  };
}

function locked() {
  return readFileSync(join(guest, "packages.lock"), "utf8")
    .split("\n")
    .map((line) => line.split(" "));
}

function recipeSum() {
  const files = recipe.flatMap((entry) =>
    statSync(join(guest, entry)).isDirectory()
      ? filesBelow(join(guest, entry)).map((name) => `${entry}/${name}`)
      : [entry],
  );
  return digest(files.map((name) => `${measure(join(guest, name)).sha256}  ${name}\n`).join(""));
}

function measure(file) {
  const content = readFileSync(file);
  return { bytes: content.length, sha256: digest(content) };
}

function digest(content) {
  return createHash("sha256").update(content).digest("hex");
}

/** Paths below `directory`, sorted, with "/" between names. */
function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length).replaceAll("\\", "/").replace(/^\//, ""))
    .sort();
}
