import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { test as base } from "playwright/test";
import { root } from "../../scripts/npm.mjs";
import { type Host, serve } from "./host.js";

export const execute = promisify(execFile);

/** Somebody's project that has installed the package. */
export interface Consumer {
  readonly folder: string;
  /** Where the package is in it. */
  readonly installed: string;
  readonly tarball: string;
}

interface Fixtures {
  /** The consumer's folder, with nothing of an earlier test in it. */
  project: string;
  host: typeof serve;
}

/** One `npm pack` for all tests: it builds what it packs. */
export const test = base.extend<Fixtures, { consumer: Consumer }>({
  consumer: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      // What macOS calls /var is /private/var: bundlers compare paths.
      const folder = await realpath(await mkdtemp(join(tmpdir(), "v86-virtiofs-package-")));
      await npm("pack", "--pack-destination", folder);
      const [name] = await readdir(folder);
      const tarball = join(folder, name!);
      await execute("tar", ["-xzf", tarball, "-C", folder]);
      const installed = join(folder, "node_modules/v86-virtiofs");
      await mkdir(join(folder, "node_modules"));
      await rename(join(folder, "package"), installed);
      await writeFile(
        join(folder, "package.json"),
        JSON.stringify({ name: "consumer", type: "module", private: true }),
      );
      // What users of the device have: it is put into a v86 of theirs.
      const v86 = dirname(createRequire(import.meta.url).resolve("v86/package.json"));
      await symlink(v86, join(folder, "node_modules/v86"), "junction");
      await use({ folder, installed, tarball });
      await rm(folder, { recursive: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],

  project: async ({ consumer: { folder } }, use) => {
    const before = await readdir(folder);
    await use(folder);
    const made = (await readdir(folder)).filter((name) => !before.includes(name));
    for (const name of made) await rm(join(folder, name), { recursive: true });
  },

  // oxlint-disable-next-line no-empty-pattern -- as above
  host: async ({}, use) => {
    const hosts: Host[] = [];
    await use(async (...options) => {
      const host = await serve(...options);
      hosts.push(host);
      return host;
    });
    await Promise.all(hosts.map((host) => host.close()));
  },
});

/** The first lines of docs/npm.md. */
export async function firstLines(): Promise<string> {
  const text = await readFile(join(root, "docs/npm.md"), "utf8");
  return /```js\n(.*?)```/s.exec(text)![1]!;
}

function npm(...commandLine: string[]): Promise<unknown> {
  const script = process.env["npm_execpath"];
  return script === undefined
    ? execute("npm", commandLine, { cwd: root })
    : execute(process.execPath, [script, ...commandLine], { cwd: root });
}
