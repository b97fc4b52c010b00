import type { Kernel, Lab, LabMachine } from "./lab.js";
import { UNPACK_TOOLS } from "./tools.js";
import type { Group, Workload } from "./workloads.js";

/** One run of a workload. */
export interface Sample {
  readonly kernel: Kernel;
  readonly round: number;
  /** 1: the first time in this machine, whose emulator has compiled nothing of it yet. */
  readonly pass: number;
  readonly group: string;
  readonly workload: string;
  /** "tmpfs", "9p loose", "9p none", or a share's name. */
  readonly target: string;
  /** By the guest's clock, without what it takes to start its shell. */
  readonly milliseconds: number;
  /** The same by the host's, with it. */
  readonly hostMilliseconds: number;
  /** What processors worked meanwhile, the shell's start with it: other programs on the host stretch this less. */
  readonly processorMilliseconds: number;
  readonly bytes?: number;
  /** Of a share only. */
  readonly requests?: Readonly<Record<string, number>>;
  readonly interrupts?: number;
  readonly notifications?: number;
}

/** Where a workload runs: a directory, with what is to be done before and after. */
interface Target {
  readonly name: string;
  readonly directory: string;
  readonly enter?: string;
  readonly leave?: string;
}

export interface MeasureOptions {
  readonly groups: readonly Group[];
  /** Machines that are booted, one after the other. */
  readonly rounds: number;
  /** How often each group runs in a machine after its first pass. */
  readonly passes: number;
  /** When no further pass is begun, in milliseconds since 1970. */
  readonly until: number;
  readonly kernels: readonly Kernel[];
  /** Names of targets to leave out. */
  readonly without: readonly string[];
  readonly progress: (message: string) => void;
}

const TMPFS: Target = { name: "tmpfs", directory: "/tmp/bench" };
// The driver gives v86's device to one mount at a time. Both modes are on one file system.
const PLAN_9: readonly Target[] = ["loose", "none"].map((cache) => ({
  name: `9p ${cache}`,
  directory: `/mnt/9p/${cache}`,
  enter: `mkdir -p /mnt/9p && mount -t 9p -o trans=virtio,version=9p2000.L,cache=${cache} host9p /mnt/9p`,
  leave: "umount /mnt/9p",
}));

/** Runs each group on every target of a new machine, first once and then some times more, for each round and kernel. */
export async function measure(lab: Lab, options: MeasureOptions): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const kernel of options.kernels) {
      const machine = await lab.boot(kernel);
      await machine.run(UNPACK_TOOLS);
      if (kernel === "no-reap") await machine.run("echo N > /sys/module/virtiofs/parameters/reap");
      for (const group of options.groups) {
        options.progress(`round ${round} of ${options.rounds}, ${kernel} kernel: ${group.name}`);
        for (let pass = 1; pass <= options.passes + 1 && Date.now() < options.until; pass++) {
          for (const target of order(lab, options.without, pass, round)) {
            if (group.long && pass === 1 && PLAN_9.includes(target)) continue;
            const place = { kernel, round, pass, group: group.name, target: target.name };
            for (const sample of await runGroup(lab, machine, group, target)) {
              samples.push({ ...place, ...sample });
              options.progress(`  ${pass} ${target.name}: ${sample.workload}: ${sample.milliseconds.toFixed(0)} ms`);
            }
          }
        }
      }
      await machine.stop();
    }
  }
  return samples;
}

/** First the share, which nothing has warmed up then; who goes first changes in later passes. */
function order(lab: Lab, without: readonly string[], pass: number, round: number): readonly Target[] {
  const shares = lab.shares.map((name): Target => ({ name, directory: `/mnt/${name}/bench` }));
  const targets = [...shares, TMPFS, ...PLAN_9].filter(({ name }) => !without.includes(name));
  const start = pass === 1 ? 0 : (round + pass) % targets.length;
  return [...targets.slice(start), ...targets.slice(0, start)];
}

type Measured = Omit<Sample, "kernel" | "round" | "pass" | "group" | "target">;

async function runGroup(lab: Lab, machine: LabMachine, group: Group, target: Target): Promise<Measured[]> {
  const directory = `${target.directory}/${group.name.replaceAll(" ", "-")}`;
  const within = (command: string): Promise<string> => machine.run(`set -e; cd ${directory}; ${command}`);
  const measured: Measured[] = [];
  if (target.enter !== undefined) await machine.run(target.enter);
  await machine.run(`mkdir -p ${directory}`);
  // A pass may have been left out.
  if (group.setUp !== undefined && (await within("ls -A")) === "") await within(group.setUp);
  for (const workload of group.workloads) {
    if (workload.before !== undefined) await within(workload.before);
    const before = lab.shares.includes(target.name) ? await machine.statistics(target.name) : undefined;
    const processorStart = await lab.processorTime();
    const start = performance.now();
    const milliseconds = await timed(machine, directory, workload);
    const hostMilliseconds = performance.now() - start;
    const processorMilliseconds = (await lab.processorTime()) - processorStart;
    const after = before && (await machine.statistics(target.name));
    measured.push({
      workload: workload.name,
      milliseconds,
      hostMilliseconds,
      processorMilliseconds,
      ...(workload.bytes !== undefined && { bytes: workload.bytes }),
      ...(before &&
        after && {
          requests: difference(after.requests, before.requests),
          interrupts: after.interrupts - before.interrupts,
          notifications: after.notifications - before.notifications,
        }),
    });
  }
  if (group.tearDown !== undefined) await within(group.tearDown);
  // What is still on its way to the store is not the next one's to pay.
  await machine.run(target.leave ?? "sync");
  return measured;
}

async function timed(machine: LabMachine, directory: string, { command }: Workload): Promise<number> {
  const said = await machine.run(
    `set -e; cd ${directory}; start=$EPOCHREALTIME
${command}
end=$EPOCHREALTIME; echo; echo $start $end`,
  );
  const [start, end] = said.trimEnd().split("\n").at(-1)!.split(" ").map(Number);
  return (end! - start!) * 1000;
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const entries = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
