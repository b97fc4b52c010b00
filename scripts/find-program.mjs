import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * The first program that is on the PATH by one of `names`, else the first of `paths` that exists.
 *
 * @param {string[]} names
 * @param {string[]} paths
 */
export function findProgram(names, paths) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  // A snap has a /tmp of its own: a profile that a test makes there does not exist for it.
  return [...onPath, ...paths].find((path) => existsSync(path) && !realpathSync(path).endsWith("/snap"));
}
