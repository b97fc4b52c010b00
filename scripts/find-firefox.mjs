import { join } from "node:path";
import { findProgram } from "./find-program.mjs";

/** The Firefox to test with: `$FIREFOX` or an installed one; undefined where there is none. */
export function findFirefox() {
  return (
    process.env.FIREFOX ??
    findProgram(
      ["firefox-esr", "firefox"],
      [
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        join(process.env.PROGRAMFILES ?? "", "Mozilla Firefox/firefox.exe"),
      ],
    )
  );
}
