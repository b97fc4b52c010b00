import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianFiles, WITHOUT_DEBIAN } from "../e2e/programs/debian.js";
import { TOOLS } from "./workloads.js";

/** Of Debian's root: git and sqlite3 with what they load. */
const PROGRAMS = ["bin/git", "bin/sqlite3", "lib/ld-linux.so.2", "lib/i386-linux-gnu/ld-linux.so.2"];
const LIBRARIES = ["c", "m", "z", "pcre2-8", "readline", "sqlite3", "tinfo"];

/** Files for the guest, by name. */
export type Tools = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** How the guest puts its tools where the workloads look for them, once they are shared at /mnt/tools. */
export const UNPACK_TOOLS = `set -e
mkdir ${TOOLS}
cp /mnt/tools/random-access ${TOOLS}
chmod +x ${TOOLS}/random-access
if [ -f /mnt/tools/programs.tar ]; then
  tar -xf /mnt/tools/programs.tar -C /
  [ -e /lib/ld-linux.so.2 ] || ln -s /usr/lib/ld-linux.so.2 /lib
fi`;

export function readTools(programs: boolean): Tools {
  const randomAccess = readFileSync("bench/guest/random-access");
  return {
    "random-access": new Uint8Array(randomAccess),
    ...(programs && { "programs.tar": readPrograms() }),
  };
}

/** A tar of the programs and their libraries, out of Debian's root. */
function readPrograms(): Uint8Array<ArrayBuffer> {
  if (WITHOUT_DEBIAN !== undefined) throw new Error(`git and sqlite3 cannot be had: ${WITHOUT_DEBIAN}`);
  const directory = mkdtempSync(join(tmpdir(), "bench-programs-"));
  const members = [
    ...PROGRAMS.map((name) => `./usr/${name}`),
    ...LIBRARIES.map((name) => `./usr/lib/i386-linux-gnu/lib${name}.so.*`),
  ];
  try {
    execFileSync("tar", ["-xf", debianFiles().root, "-C", directory, "--wildcards", ...members]);
    return new Uint8Array(execFileSync("tar", ["-cf", "-", "-C", directory, "."], { maxBuffer: 2 ** 27 }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
