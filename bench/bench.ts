// npm run bench [-- OPTIONS]: how fast a share is, against the guest's own tmpfs and v86's own 9p in the same guest.
//
//   --node          under Node, over a store in memory; else in Chromium, over OPFS and a real folder
//   --stock         also with Debian's own kernel (fetched by apt, once), whose driver is a stock one
//   --no-reap       also with our kernel's parameter virtiofs.reap off, where it has one
//   --programs      also git and sqlite3 (Debian's; made once, by root on Debian 12)
//   --only REGEX    groups and workloads whose name it finds, and "page"
//   --without LIST  leaves out targets: "9p loose,9p none,folder"
//   --rounds N      machines that are booted one after the other; default 2
//   --passes N      how often each workload runs in a machine after its first time; default 5
//   --minutes N     begins nothing new after that time
//   --json          prints every sample
//   --write         writes bench/RESULTS.md and the plot of README
import { parseArgs } from "node:util";
import { browserLab } from "./browser-lab.js";
import { measure } from "./measure.js";
import { nodeLab } from "./node-lab.js";
import { measurePage, type PageFigures } from "./page-figures.js";
import { inWords } from "./report.js";
import { currentLoad, writeResults } from "./results.js";
import { GROUPS } from "./workloads.js";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    node: { type: "boolean", default: false },
    stock: { type: "boolean", default: false },
    "no-reap": { type: "boolean", default: false },
    programs: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    without: { type: "string", default: "" },
    rounds: { type: "string", default: "2" },
    passes: { type: "string", default: "5" },
    minutes: { type: "string", default: "1440" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const only = new RegExp(values.only);
const groups = GROUPS.filter(({ programs }) => values.programs || !programs).filter(
  ({ name, workloads }) => only.test(name) || workloads.some((workload) => only.test(workload.name)),
);
const load = currentLoad();
const rounds = Number(values.rounds);
const passes = Number(values.passes);
const progress = (message: string): void => console.error(message);
let page: PageFigures | undefined;
if (!values.node && only.test("page")) {
  progress("the page");
  page = await measurePage(rounds);
}
const lab = values.node ? nodeLab(values.programs) : await browserLab(values.programs);
const { host, shares } = lab;
const samples = await measure(lab, {
  groups,
  rounds: groups.length === 0 ? 0 : rounds,
  passes,
  until: Date.now() + Number(values.minutes) * 60_000,
  kernels: [
    "built-in",
    ...(values["no-reap"] ? (["no-reap"] as const) : []),
    ...(values.stock ? (["stock"] as const) : []),
  ],
  without: values.without.split(","),
  progress,
});
await lab.close();
if (values.write) {
  const command = ["npm run bench --", ...process.argv.slice(3)].join(" ");
  writeResults({ command, host, rounds, passes, shares, samples, page, load });
}
if (values.json) console.log(JSON.stringify({ host, load, samples, page }, undefined, 1));
else console.log([inWords(samples, shares), ...(page ? [JSON.stringify(page)] : [])].join("\n\n"));
