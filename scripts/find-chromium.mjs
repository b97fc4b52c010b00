import { join } from "node:path";
import { chromium } from "playwright";
import { findProgram } from "./find-program.mjs";

/** The Chromium or Chrome to test with: `$CHROMIUM`, an installed one, Playwright's own; undefined where there is none. */
export function findChromium() {
  return (
    process.env.CHROMIUM ??
    findProgram(
      ["chromium", "google-chrome-stable", "google-chrome"],
      [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        join(process.env.PROGRAMFILES ?? "", "Google/Chrome/Application/chrome.exe"),
        chromium.executablePath(),
      ],
    )
  );
}
