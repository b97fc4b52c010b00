import { existsSync, readFileSync } from "node:fs";

const RELEASE = "/etc/os-release";

/** The number of the Debian release that this machine runs ("12"), or undefined where it runs something else. */
export function debianRelease() {
  const release = existsSync(RELEASE) ? readFileSync(RELEASE, "utf8") : "";
  return /^ID=debian$/m.test(release) ? /^VERSION_ID="?(\d+)/m.exec(release)?.[1] : undefined;
}
