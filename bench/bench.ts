// npm run bench [-- OPTIONS]: how fast a share is, against the guest's own tmpfs and v86's own 9p in the same guest.
//
//   --node          under Node, over a store in memory; else in Chromium, over OPFS and a real folder
//   --stock         also with Debian's own kernel (fetched by apt, once), whose driver is a stock one
//   --programs      also git and sqlite3 (Debian's; made once, by root on Debian 12)
//   --only REGEX    groups and workloads whose name it finds
//   --without LIST  leaves out targets: "9p loose,9p none,folder"
//   --rounds N      machines that are booted for each figure's median; default 5
//   --json          prints every sample
//   --write         writes bench/RESULTS.md and the plot of README
import { parseArgs } from "node:util";
import { browserLab } from "./browser-lab.js";
import { measure } from "./measure.js";
import { nodeLab } from "./node-lab.js";
import { inWords } from "./report.js";
import { GROUPS } from "./workloads.js";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    node: { type: "boolean", default: false },
    stock: { type: "boolean", default: false },
    programs: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    without: { type: "string", default: "" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const only = new RegExp(values.only);
const groups = GROUPS.filter(({ programs }) => values.programs || !programs).filter(
  ({ name, workloads }) => only.test(name) || workloads.some((workload) => only.test(workload.name)),
);
const lab = values.node ? nodeLab(values.programs) : await browserLab(values.programs);
const samples = await measure(lab, {
  groups,
  rounds: Number(values.rounds),
  kernels: values.stock ? ["built-in", "stock"] : ["built-in"],
  without: values.without.split(","),
  progress: (message) => console.error(message),
});
await lab.close();
console.log(values.json ? JSON.stringify(samples, undefined, 1) : inWords(samples, lab.shares));
