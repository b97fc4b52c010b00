// Needs no package: it runs before node_modules exists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { debianRelease } from "./debian.mjs";
import { findFirefox } from "./find-firefox.mjs";
import { npm, root, run } from "./npm.mjs";

/** Installs the packages of package-lock.json, unless node_modules already holds exactly them. */
export function installPackages() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(`Node.js 20.19 or later is needed; this is ${process.version}.`);
  }
  if (packagesAreInstalled()) return;
  console.log("Installing the npm packages…");
  // Vite and the tests are devDependencies: wanted even where NODE_ENV says "production".
  if (!npm("ci", "--include=dev", "--no-audit", "--no-fund")) {
    stop("The npm packages could not be installed; npm's message above says why.");
  }
}

/** Installs a Chromium and a Firefox where there is none. Without a Firefox its tests are skipped, except in CI. */
export async function installBrowsers() {
  // Imported late: it asks Playwright, which `installPackages` may just have brought.
  const { findChromium } = await import("./find-chromium.mjs");
  const missing = [];
  if (!findChromium()) missing.push("chromium");
  if (!findFirefox()) missing.push("firefox-esr");
  if (missing.length > 0 && isRootOnDebian()) {
    console.log(`Installing Debian's ${missing.join(" and ")}…`);
    run("apt-get", "update", "-q");
    run("apt-get", "install", "-q", "-y", "--no-install-recommends", ...missing);
  }
  if (!findChromium()) {
    console.log("Installing Playwright's Chromium…");
    npm("exec", "--", "playwright", "install", "chromium");
  }
  if (!findChromium()) {
    stop("The tests need a Chromium or Chrome: install one, or name its program in the environment variable CHROMIUM.");
  }
  if (!findFirefox()) {
    const message = "No Firefox was found: install one, or name its program in the environment variable FIREFOX.";
    if (process.env.CI) stop(message);
    console.log(`${message} Its tests are skipped.`);
  }
}

function packagesAreInstalled() {
  const installedLock = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedLock)) return false;
  const installed = packagesOf(installedLock);
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(
    ([path, { optional, version }]) => path === "" || optional || installed[path]?.version === version,
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

function isRootOnDebian() {
  return process.getuid?.() === 0 && debianRelease() !== undefined;
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
