import { expect, test } from "vitest";
import { MemoryStore } from "../storage/memory/memory-store.js";
import type { AgentProcess } from "./agent.js";
import { commandOf, runInGuest } from "./guest-command.js";
import { Machine } from "./machine.js";
import { DEFAULT_MEMORY } from "./machine-api.js";
import type { MachineState } from "./machine-state.js";
import { MovableMachine } from "./movable-machine.js";
import { Sources } from "./open-source.js";
import type { ProcessStarter } from "./process-port.js";
import { builtInImages, builtInWasm, shareMemory, shell } from "./testing/node-machine.js";

const sources = new Sources();
/** Without editing of lines, for which it would ask the terminal where its cursor is. */
const LINES = 'while read -r line; do eval "$line"; done';
const SHELL = { argv: ["/bin/sh", "-c", LINES], cwd: "/root", env: {}, terminal: { columns: 80, rows: 24 } };

/** A terminal as the page's: reads all, and grants what it has read. */
class Terminal {
  text = "";
  pid = 0;
  readonly #process: AgentProcess;
  #waiting: { readonly expected: string; readonly resolve: () => void } | undefined;

  constructor(agent: ProcessStarter) {
    this.#process = agent.start(commandOf(SHELL), {
      started: (pid) => (this.pid = pid),
      output: (_, bytes) => {
        this.text += new TextDecoder().decode(bytes);
        this.#process.credit(1, bytes.length);
        if (this.#waiting && this.text.includes(this.#waiting.expected)) this.#waiting.resolve();
      },
      inputCredit: () => undefined,
      exited: () => undefined,
    });
  }

  resize(columns: number, rows: number): void {
    this.#process.resize(columns, rows);
  }

  send(line: string): void {
    this.#process.input(new TextEncoder().encode(`${line}\r`));
  }

  async shows(expected: string): Promise<string> {
    if (!this.text.includes(expected)) {
      await new Promise<void>((resolve) => (this.#waiting = { expected, resolve }));
    }
    return this.text;
  }

  /** Types a line, and waits until `expected` has been printed since. */
  type(line: string, expected: string): Promise<string> {
    this.text = "";
    this.send(line);
    return this.shows(expected);
  }
}

async function withFiles(machine: Machine): Promise<void> {
  const files = [{ path: "a", content: "1" }, { path: "empty" }];
  await machine.shares.add("files", { tag: "files" }, (report) =>
    sources.open({ kind: "files", name: "files", files }, "copy-on-write", report),
  );
}

interface Movable {
  readonly machine: Machine;
  readonly movable: MovableMachine;
}

async function boot(): Promise<Movable> {
  const movable = new MovableMachine(true, (...source) => sources.open(...source));
  const options = { ...builtInImages(), memory: DEFAULT_MEMORY, wasm: builtInWasm(), ...movable.hooks };
  return { movable, machine: await Machine.boot(options, () => undefined) };
}

async function move(state: MachineState): Promise<Movable & { readonly terminal: Terminal }> {
  const movable = new MovableMachine(state, (...source) => sources.open(...source));
  const options = { snapshot: movable.snapshot!, memory: DEFAULT_MEMORY, wasm: builtInWasm(), ...movable.hooks };
  const machine = await Machine.resume(options, () => undefined);
  const terminal = new Terminal(movable.adopt(SHELL) ?? machine.agent);
  terminal.resize(100, 30);
  return { machine, movable, terminal };
}

test("a machine goes on elsewhere: its shell, what runs in it, and its files", async () => {
  const { machine: first, movable: origin } = await boot();
  await withFiles(first);
  await shareMemory(first, "gone");
  await first.shares.remove("gone"); // The devices do not lie one after the other.
  await withFiles2(first);
  const shown = new Terminal(first.agent);
  await shown.type(
    "cd /mnt/files; kept=yes; exec 3>>log; echo one >&3; chmod 751 a; ln -s a link; echo $((1+1))!",
    "2!",
  );
  await shown.type(
    "(while :; do date +%s >/tmp/now; sleep 0.1; done) & (sleep 1000 & echo $! >/tmp/other); echo $((2+1))!",
    "3!",
  );
  // Another's process, which nobody reads there.
  const other = runInGuest(first.agent, [
    "/bin/sh",
    "-c",
    "trap 'echo hup >/tmp/hup; exit' HUP; >/tmp/ready; while :; do sleep 0.1; done",
  ]);
  await shell(first, "until [ -e /tmp/ready ]; do sleep 0.1; done");
  const state = await origin.suspend(shown.pid);
  await first.stop();
  await other;

  const { machine, movable, terminal } = await move(state);
  expect(terminal.pid).toBe(shown.pid);
  expect(await terminal.type("echo $kept $PWD; stty size; echo $((3+1))!", "4!")).toContain(
    "yes /mnt/files\r\n30 100\r\n4!",
  );
  await terminal.type("echo two >&3; cat log a link; stat -c '%a %F' a link empty; echo $((4+1))!", "5!");
  expect(terminal.text).toContain("one\r\ntwo\r\n11751 regular file\r\n777 symbolic link\r\n755 directory\r\n5!");
  await shell(machine, "before=$(cat /tmp/now); until [ $(cat /tmp/now) != $before ]; do sleep 0.1; done");
  await shell(machine, "until [ -e /tmp/hup ]; do sleep 0.1; done");
  expect(await shell(machine, "kill -0 $(cat /tmp/other) && cat /mnt/second/b")).toBe("2");
  // Once more: from here it can move as well.
  const { machine: third, terminal: last } = await move(await movable.suspend(terminal.pid));
  await machine.stop();
  expect(await last.type("echo $kept; cat log; echo $((5+1))!", "6!")).toContain("yes\r\none\r\ntwo\r\n6!");
  await third.stop();
}, 120_000);

test("what was printed and typed while it moved is there", async () => {
  const { machine: first, movable: origin } = await boot();
  const shown = new Terminal(first.agent);
  await shown.type("stty -echo; echo $((1+1))!", "2!");
  const count = "i=0; while [ $i -lt 6000 ]; do i=$((i+1)); echo line $i; done; read -r word; echo $word!";
  await shown.type(count, "line 1000\r\n");
  const suspended = origin.suspend(shown.pid);
  shown.send("typed"); // While it is being suspended.
  const state = await suspended;
  expect(shown.text).not.toContain("line 6000");
  await first.stop();
  const { machine, terminal } = await move(state);
  await terminal.shows("typed!");
  const lines = (shown.text + terminal.text).match(/line \d+(?=\r)/g)!;
  expect(lines.at(-1)).toBe("line 6000");
  const numbers = lines.map((line) => Number(line.slice(5)));
  expect(numbers.every((number, index) => index === 0 || number === numbers[index - 1]! + 1)).toBe(true);
  await machine.stop();
}, 120_000);

test("a machine that cannot move goes on where it is, and says why", async () => {
  const { machine, movable } = await boot();
  await shareMemory(machine, "work", new MemoryStore({ a: "1" }));
  await expect(movable.suspend(undefined)).rejects.toThrow(
    "The machine cannot move: “work” at /mnt/work cannot go along.",
  );
  await machine.shares.remove("work");
  await withFiles(machine);
  await shell(machine, "truncate -s 1G /mnt/files/large");
  await expect(movable.suspend(undefined)).rejects.toThrow("has more than 20,000 files or 256 MiB");
  expect(await shell(machine, "stat -c %s /mnt/files/large; rm /mnt/files/large")).toBe("1073741824\n");
  const state = await movable.suspend(undefined);
  await expect(move({ ...state, build: "another" })).rejects.toThrow("of another version");
  // Nobody took it.
  movable.goOn();
  expect(await shell(machine, "cat /mnt/files/a")).toBe("1");
  await machine.stop();
}, 120_000);

async function withFiles2(machine: Machine): Promise<void> {
  await machine.shares.add("second", { tag: "second" }, (report) =>
    sources.open({ kind: "files", name: "second", files: [{ path: "b", content: "2" }] }, "read-only", report),
  );
}
