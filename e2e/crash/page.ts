import * as Comlink from "comlink";
import { VirtualMachine } from "../../src/client/index.js";
import type { Command } from "../../src/machine/testing/crash/workload.js";
import type { CrashLab } from "./worker.js";

/** Runs commands after those before, without an end that could be waited for. */
type Player = (commands: readonly Command[]) => void;

declare global {
  /** Shares without a machine. */
  var crashLab: Comlink.Remote<CrashLab>;
  /** A guest that has a share mounted: a machine, or a double of one in the lab. Once they are there, the page is ready. */
  var guests: Readonly<Record<"machine" | "double", (share: string, seed: number) => Promise<Player>>>;
  /** The double, or a recovery, stops in the middle of its work: instead of that change of OPFS. */
  var stopAt: (change: number) => Promise<void>;
  /** The guest in use. */
  var player: Player;
  /** Given by the test: everything up to that step is to be kept. */
  var synced: (step: number) => Promise<void>;
  /** Given by the test: it has stopped. */
  var stopped: () => Promise<void>;
  /** Given by the test: a command did not succeed. */
  var failed: (why: string) => Promise<void>;
}

globalThis.crashLab = Comlink.wrap<CrashLab>(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));

globalThis.stopAt = (change) =>
  crashLab.stopAt(
    change,
    Comlink.proxy(() => void stopped()),
  );

async function startMachine(share: string): Promise<Player> {
  const vm = await VirtualMachine.start({ shares: [{ source: { opfs: share }, tag: share }] });
  const [{ access, mountPoint }] = vm.shares as [VirtualMachine["shares"][0]];
  if (access !== "read-write") throw new Error("the share is in use");
  const shell = await vm.spawn(["/bin/sh", "-e"], { cwd: mountPoint });
  const input = shell.stdin.getWriter();
  const encoder = new TextEncoder();
  void readLines(shell.stdout, (line) => void synced(Number(line)));
  void readLines(shell.stderr, (line) => void failed(line));
  void shell.exit.then(({ exitCode }) => failed(`the shell ended with ${exitCode}`));
  return (commands) => void input.write(encoder.encode(commands.map(({ line }) => `${line}\n`).join("")));
}

async function startDouble(share: string, seed: number): Promise<Player> {
  await crashLab.mount(share, seed);
  const told = Comlink.proxy((step: number) => void synced(step));
  return (commands) => void crashLab.play(commands, told).catch((error: Error) => failed(String(error.stack)));
}

async function readLines(stream: ReadableStream<Uint8Array>, use: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop()!;
    for (const line of lines) use(line);
  }
}

// What the tab before held goes when the browser has noticed its death.
const { held = [] } = await navigator.locks.query();
for (const { name = "" } of held) await navigator.locks.request(name, () => undefined);
globalThis.guests = { machine: startMachine, double: startDouble };
