import { readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, posix, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { expect } from "playwright/test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { rollup } from "rollup";
import { IMAGES, entries, exportsField } from "../../scripts/package/entries.mjs";
import { execute, test } from "./fixtures.js";

const require = createRequire(import.meta.url);

/** What a module or declaration imports, at once or later. */
const IMPORTED = /(?:\bfrom|\bimport\(|\bimport)\s*["']([^"'\n]+)["']/g;

/** The files that are reached from `files`, relative to `folder`, with their sources; and the packages that these name. */
async function reached(
  folder: string,
  files: readonly string[],
): Promise<{ sources: Map<string, string>; packages: string[] }> {
  const sources = new Map<string, string>();
  const packages = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (sources.has(file)) return;
    const source = await readFile(join(folder, file), "utf8");
    sources.set(file, source);
    for (const [, specifier] of source.matchAll(IMPORTED)) {
      if (!specifier!.startsWith(".")) packages.add(specifier!);
      else {
        const imported = posix.join(posix.dirname(file), specifier!);
        await visit(file.endsWith(".d.ts") ? imported.replace(/\.js$/, ".d.ts") : imported);
      }
    }
  };
  for (const file of files) await visit(file);
  return { sources, packages: [...packages] };
}

test("package.json names every entry that is built", async ({ consumer }) => {
  const { exports, dependencies } = JSON.parse(await readFile(join(consumer.installed, "package.json"), "utf8"));
  expect(exports).toEqual(exportsField());
  expect(dependencies).toBeUndefined();
});

test("npm pack holds what is needed and nothing else", async ({ consumer }) => {
  const lib = join(consumer.installed, "lib");
  const scripts = await reached(
    lib,
    entries.map(({ name }) => `${name}.js`),
  );
  expect(scripts.packages).toEqual([]);
  const types = new Set<string>();
  for (const entry of entries) {
    const { sources, packages } = await reached(lib, [entry.types]);
    for (const file of sources.keys()) types.add(file);
    // The device goes into the user's own v86.
    expect(packages.filter((name) => entry.subpath !== "./device" || name !== "v86")).toEqual([]);
  }
  const machine = [...IMAGES, "worker.js", "v86.wasm", "snapshot.bin"];
  const files = [
    // An entry that only names what others have needs no map.
    ...[...scripts.sources].flatMap(([name, source]) =>
      source.includes("sourceMappingURL") ? [name, `${name}.map`] : [name],
    ),
    ...types,
    ...machine.map((name) => `machine/${name}`),
    "LICENCES.txt",
  ].map((name) => `lib/${name}`);
  const found = await readdir(consumer.installed, { recursive: true, withFileTypes: true });
  expect(
    found
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(consumer.installed.length + 1)
          .replaceAll("\\", "/"),
      )
      .sort(),
  ).toEqual([...files, "LICENSE", "README.md", "package.json"].sort());
  // As bundlers look for it.
  const client = [...scripts.sources.values()].join("\n");
  for (const name of machine) expect(client).toContain(`new URL("./machine/${name}", import.meta.url)`);
});

test("the licences of all that is in it", async ({ consumer }) => {
  const text = await readFile(join(consumer.installed, "lib/LICENCES.txt"), "utf8");
  for (const name of ["v86", "comlink", "client-zip"])
    expect(text).toMatch(new RegExp(`^${name} [\\d.]+.*\\([-\\w. ]+\\)$`, "m"));
  for (const name of ["Linux", "busybox", "glibc", "SeaBIOS"])
    expect(text).toMatch(new RegExp(`: ${name}.*, L?GPL-.*; source: `));
  for (const words of ["Redistribution and use", "Permission is hereby granted", "GNU GENERAL PUBLIC LICENSE"])
    expect(text).toContain(words);
});

test("publint", async ({ consumer }) => {
  const { buffer } = new Uint8Array(await readFile(consumer.tarball));
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("attw", async ({ consumer }) => {
  const attw = join(dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js");
  const options = ["--profile", "esm-only", "--format", "json"];
  // Rejects where there is a problem.
  const { stdout } = await execute(process.execPath, [attw, consumer.tarball, ...options]);
  const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: object } };
  expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(exportsField()));
});

for (const [moduleResolution, module] of [
  ["bundler", "esnext"],
  ["node16", "node16"],
]) {
  test(`each entry has its types: ${moduleResolution}`, async ({ project }) => {
    const imports = entries.map(
      ({ subpath }, index) =>
        `import * as entry${index} from "v86-virtiofs${subpath.slice(1)}"; console.log(entry${index});`,
    );
    await writeFile(
      join(project, "check.ts"),
      `${imports.join("\n")}
       import { MachineError, Share, VirtualMachine, type ShareSource, type StatusEvent } from "v86-virtiofs";
       const source: ShareSource = { files: { file: new Uint8Array(1) } };
       const vm: VirtualMachine = await VirtualMachine.start({ shares: [{ source, access: "copy-on-write" }], assets: "/machine/" });
       const text: string = (await vm.exec(["ls", "-l"], { cwd: "/mnt" })).stdout;
       const share: Share = await vm.share(await navigator.storage.getDirectory(), { tag: text });
       vm.addEventListener("status", (event) => console.log((event as StatusEvent).detail.error instanceof MachineError));
       // @ts-expect-error -- no such access
       await vm.share(source, { access: "write-only" });
       // @ts-expect-error -- is internal
       share.update(share);
      `,
    );
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2023",
      lib: ["ES2023", "DOM"],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["check.ts"] }));
    const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
    const { stdout } = await execute(process.execPath, [compiler, "-p", project]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  });
}

const BUNDLED = {
  async esbuild(file: string) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [file],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    return outputFiles[0]!.text;
  },
  async Rollup(file: string) {
    const bundle = await rollup({ input: file, plugins: [nodeResolve()] });
    const { output } = await bundle.generate({ format: "es" });
    await bundle.close();
    return output[0].code;
  },
};

for (const [name, bundle] of Object.entries(BUNDLED)) {
  test(`${name} leaves out what is not used`, async ({ project }) => {
    const file = join(project, "main.js");
    await writeFile(file, 'import { MachineError } from "v86-virtiofs"; console.log(new MachineError("busy", "x"));');
    const code = await bundle(file);
    expect(code.length).toBeLessThan(1_500);
    expect(code).not.toContain("Worker");
  });
}

/** Bytes of gzip that an importer loads at once, all of the entry being used. */
const BUDGETS: Readonly<Record<string, number>> = { ".": 10_000, "./embed": 4_000, "./element": 10_000 };

for (const { subpath, name } of entries.filter((entry) => entry.subpath in BUDGETS)) {
  test(`the size of ${subpath}`, async ({ consumer, project }) => {
    const { metafile, outputFiles } = await esbuild.build({
      entryPoints: [join(consumer.installed, `lib/${name}.js`)],
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      write: false,
      metafile: true,
      absWorkingDir: project,
      outdir: project,
    });
    const initial = new Set([`${name}.js`]);
    for (const file of initial) {
      for (const { kind, path } of metafile.outputs[file]!.imports) if (kind === "import-statement") initial.add(path);
    }
    const bytes = outputFiles
      .filter(({ path }) => initial.has(relative(project, path)))
      .reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
    expect(bytes).toBeLessThanOrEqual(BUDGETS[subpath]!);
  });
}

test("it can be imported where there is no browser", async ({ project }) => {
  const program = join(project, "main.js");
  await writeFile(
    program,
    'import("v86-virtiofs").then(({ VirtualMachine }) => console.log(typeof VirtualMachine.start));',
  );
  const { stdout } = await execute(process.execPath, [program]);
  expect(stdout).toBe("function\n");
});
