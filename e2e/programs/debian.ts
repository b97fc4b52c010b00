import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { debianRelease } from "../../scripts/debian.mjs";

/** Why no Debian root can be made here; undefined where one can. */
export const WITHOUT_DEBIAN =
  debianRelease() === "12" && process.getuid?.() === 0
    ? undefined
    : "a Debian root is made by root on Debian 12, from the packages that its apt knows";

const RECIPE = ["guest/debian/build.sh", "guest/private-apt.sh"];

export interface DebianFiles {
  /** A root with git, python3, sqlite3, make, rsync: a tar. */
  readonly root: string;
  /** The same with fio, stress-ng and dbench. */
  readonly withTestPrograms: string;
  /** Debian's package `tree`, which is in neither. */
  readonly treePackage: string;
}

/** What the recipe in `guest/debian` makes, once for each version of it, into `cache`. Needs root on Debian 12. */
export function debianFiles(cache = ".cache/debian"): DebianFiles {
  const recipe = createHash("sha256");
  for (const file of RECIPE) recipe.update(readFileSync(file));
  const directory = resolve(cache, recipe.digest("hex").slice(0, 16));
  const within = (place: string): DebianFiles => ({
    root: join(place, "root.tar"),
    withTestPrograms: join(place, "with-test-programs.tar"),
    treePackage: join(place, "tree.deb"),
  });
  if (!existsSync(directory)) {
    const partial = `${directory}.partial`;
    const files = within(partial);
    const build = (...parameters: string[]): void => {
      const env = { ...process.env, PACKAGES: resolve(cache, "packages") };
      execFileSync("bash", [resolve("guest/debian/build.sh"), ...parameters], { env, stdio: ["ignore", 2, 2] });
    };
    mkdirSync(partial, { recursive: true });
    build("--output", files.root, "--extra", files.withTestPrograms);
    build("--package", "tree", files.treePackage);
    renameSync(partial, directory);
  }
  return within(directory);
}
