// npm run bench:smoke: a share in memory beside the guest's own tmpfs, under Node. For each operation and pass: milliseconds of
// this process, how many times tmpfs's they are, the interrupts raised, and the requests by opcode. One run scatters by a third,
// more where other programs keep the processor busy; the counts do not.
import { V86PciBus } from "../src/emulator/v86-pci-bus.js";
import { BareMachine } from "../src/machine/testing/bare-machine.js";
import { shell } from "../src/machine/testing/node-machine.js";
import { MemoryStore } from "../src/storage/memory/memory-store.js";

const FILES = 1000;
const MEBIBYTES = 32;
/** Half of it is the most that tmpfs may hold. */
const MEMORY = 192 * 2 ** 20;
const TAG = "bench";
const SHARE = `/tmp/${TAG}`;
const TMPFS = "/dev/shm";

interface Operation {
  readonly name: string;
  readonly command: string;
  /** Run before the clock starts. */
  readonly before?: string;
}

const NAMES = `i=0; while [ $i -lt ${FILES} ]; do i=$((i + 1));`;
const DROP = "sync; echo 3 > /proc/sys/vm/drop_caches";
const OPERATIONS: readonly Operation[] = [
  { name: `create, write, close × ${FILES}`, command: `${NAMES} echo $i > f$i; done` },
  { name: `read × ${FILES}, cold`, before: DROP, command: `${NAMES} read x < f$i; done` },
  { name: `read × ${FILES}, warm`, command: `${NAMES} read x < f$i; done` },
  { name: `stat × ${FILES}, cold`, before: DROP, command: `${NAMES} [ -f f$i ]; done` },
  { name: `stat × ${FILES}, warm`, command: `${NAMES} [ -f f$i ]; done` },
  { name: "ls, cold", before: DROP, command: "ls > /dev/null" },
  { name: "ls -lR, cold", before: DROP, command: "ls -lR > /dev/null" },
  { name: "ls -lR, warm", command: "ls -lR > /dev/null" },
  { name: `write ${MEBIBYTES} MiB`, command: `dd if=/dev/zero of=big bs=1M count=${MEBIBYTES} 2>/dev/null` },
  { name: `read ${MEBIBYTES} MiB, cold`, before: DROP, command: "dd if=big of=/dev/null bs=1M 2>/dev/null" },
  { name: `rm -r ${FILES + 1} files`, command: "rm -r *" },
];

const interrupts = countInterrupts();
const machine = await BareMachine.boot(undefined, MEMORY);
const { server } = machine.plugStore(TAG, new MemoryStore());
await shell(machine, `echo 1 > /sys/bus/pci/rescan; mkdir ${SHARE}; mount -t virtiofs ${TAG} ${SHARE}`);
// As /sbin/share does.
await shell(machine, `echo 1024 > /sys/class/bdi/${await backingDevice()}/read_ahead_kb`);
for (const pass of [1, 2]) {
  console.log(`\npass ${pass}${" ".repeat(27)}share    tmpfs  ratio  interrupts  requests`);
  for (const { name, command, before = ":" } of OPERATIONS) {
    const tmpfs = await timed(TMPFS, before, command);
    const requestsBefore = new Map(server.requests);
    const interruptsBefore = interrupts();
    const share = await timed(SHARE, before, command);
    const columns = [
      name.padEnd(30),
      `${share.toFixed(0)} ms`.padStart(9),
      `${tmpfs.toFixed(0)} ms`.padStart(8),
      (share / tmpfs).toFixed(2).padStart(6),
      String(interrupts() - interruptsBefore).padStart(11),
      ` ${since(requestsBefore)}`,
    ];
    console.log(columns.join(" "));
  }
}
await machine.stop();

/** Milliseconds of the processor: the wall's clock tells more of what else runs on this machine. */
async function timed(directory: string, before: string, command: string): Promise<number> {
  await shell(machine, `cd ${directory} && ${before}`);
  const start = process.cpuUsage();
  await shell(machine, `cd ${directory} && ${command}`);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function since(before: ReadonlyMap<string, number>): string {
  const counts = [...server.requests].map(
    ([operation, count]) => [operation, count - (before.get(operation) ?? 0)] as const,
  );
  return counts.flatMap(([operation, count]) => (count > 0 ? [`${operation} ${count}`] : [])).join(", ") || "none";
}

async function backingDevice(): Promise<string> {
  return (await shell(machine, `grep ' ${SHARE} ' /proc/self/mountinfo`)).split(" ")[2]!;
}

/** Counts how often the device raises its interrupt; no member of the emulator tells. */
function countInterrupts(): () => number {
  let count = 0;
  // oxlint-disable-next-line typescript/unbound-method -- called with its `this` below
  const { plug } = V86PciBus.prototype;
  V86PciBus.prototype.plug = function (pciFunction) {
    const slot = plug.call(this, pciFunction);
    if (pciFunction.name !== `virtio-fs ${TAG}`) return slot;
    return {
      unplug: () => slot.unplug(),
      interrupt: (asserted) => {
        if (asserted) count++;
        slot.interrupt(asserted);
      },
    };
  };
  return () => count;
}
