// README's second command: installs what is missing, then runs every check and every test, as CI does.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { debianRelease } from "./debian.mjs";
import { installBrowsers, installPackages } from "./install.mjs";
import { npm, root } from "./npm.mjs";

const PLAYWRIGHT_REPORT = "test-results/e2e.json";

/** Of Debian: where e2e/stock-kernel gets its kernel, and guest/debian the packages of a root. */
const DEBIAN_RELEASE = "12";

const total = { passed: 0, failed: 0, skipped: 0 };
const summary = [];

await timed("install", async () => {
  installPackages();
  await installBrowsers();
  return "";
});
await timed("check", () => (npm("run", "check") ? "passed" : fail("failed")));
await timed("unit", () => vitest("unit"));
await timed("stock", () => {
  if (debianRelease() === DEBIAN_RELEASE) return vitest("stock-kernel");
  return cannotRun(`it boots a kernel that only Debian ${DEBIAN_RELEASE} has, fetched by its apt`);
});
await timed("programs", () => {
  if (debianRelease() === DEBIAN_RELEASE && process.getuid?.() === 0) return vitest("programs");
  return cannotRun(`it makes a Debian ${DEBIAN_RELEASE}, which takes that and root`);
});
await timed("e2e", () => playwright("e2e"));
await timed("alone", () => playwright("e2e:alone"));

console.log(`\n${summary.join("\n")}\n\n${inWords(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function timed(name, step) {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const outcome = await step();
  summary.push(`${name.padEnd(8)} ${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${outcome}`);
}

function vitest(script) {
  const file = `test-results/${script}.json`;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  return tests(file, ["run", script, "--", ...reporters], (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

function playwright(script) {
  return tests(PLAYWRIGHT_REPORT, ["run", script], ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

/** Runs a test runner and adds what its report counts. */
function tests(report, npmArguments, count) {
  const file = join(root, report);
  rmSync(file, { force: true });
  const succeeded = npm(...npmArguments);
  if (!existsSync(file)) return fail("no report: the runner did not start");
  const counts = count(JSON.parse(readFileSync(file, "utf8")));
  for (const key of Object.keys(total)) total[key] += counts[key];
  if (counts.passed + counts.failed === 0) return fail("ran no test");
  // An error outside of any test.
  if (!succeeded && counts.failed === 0) return fail(`${inWords(counts)}, but the runner failed`);
  return inWords(counts);
}

function cannotRun(why) {
  const reason = `cannot run here: ${why}`;
  return process.env.CI ? fail(reason) : reason;
}

/** Counts a failure that no test reported. */
function fail(outcome) {
  total.failed += 1;
  return outcome;
}

function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
