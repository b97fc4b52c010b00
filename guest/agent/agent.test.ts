import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  CAN_UPLOAD,
  FromAgent,
  INITIAL_CREDIT,
  MAXIMUM_PAYLOAD,
  PROTOCOL_VERSION,
  ToAgent,
} from "../../src/machine/agent-protocol.js";
import { MachineDouble, u32 } from "./machine-double.js";

const { ENOENT, EACCES, EINVAL, EAGAIN } = constants.errno;
const { SIGTERM, SIGINT, SIGKILL } = constants.signals;

let machine: MachineDouble;

beforeEach(async () => {
  machine = new MachineDouble();
  expect(await machine.next()).toEqual({
    type: FromAgent.HELLO,
    process: 0,
    payload: u32(PROTOCOL_VERSION, CAN_UPLOAD),
  });
});

afterEach(() => {
  machine.dispose();
});

const shell = (command: string) => ({ argv: ["/bin/sh", "-c", command] });
const exitStatus = async (process: number) => (await machine.until(FromAgent.EXIT, process)).payload.readInt32LE();
const output = (process: number) => machine.bytes(FromAgent.OUTPUT, process).toString();
const pid = async (process: number) => (await machine.until(FromAgent.STARTED, process)).payload.readUInt32LE();

/** A zombie is not: whether anybody waits for orphans here is not the agent's business. */
function isAlive(process: number): boolean {
  const file = `/proc/${process}/stat`;
  return existsSync(file) && !readFileSync(file, "latin1").includes(") Z ");
}

describe("a process on pipes", () => {
  it("has its output, its error output and its exit code told apart", async () => {
    machine.start(7, shell("echo out; echo err >&2; exit 3"));
    expect(await exitStatus(7)).toBe(3 << 8);
    expect(output(7)).toBe("out\n");
    expect(machine.bytes(FromAgent.ERROR, 7).toString()).toBe("err\n");
    expect(machine.frames.at(-1)).toMatchObject({ type: FromAgent.EXIT, process: 7 });
    expect(machine.frames[1]).toMatchObject({ type: FromAgent.STARTED, process: 7 });
  });

  it("runs in the directory, with that environment and no other", async () => {
    machine.start(1, { argv: ["/usr/bin/env"], cwd: "/usr", env: ["NAME=value", "EMPTY="] });
    machine.start(2, { argv: ["/bin/pwd"], cwd: "/usr", env: [] });
    expect(await exitStatus(1)).toBe(0);
    expect(output(1)).toBe("NAME=value\nEMPTY=\n");
    while (!output(2)) await machine.next();
    expect(output(2)).toBe("/usr\n");
  });

  it("is found in PATH", async () => {
    machine.start(1, { argv: ["echo", "found"] });
    expect(await exitStatus(1)).toBe(0);
    expect(output(1)).toBe("found\n");
  });

  it("takes standard input until it is closed", async () => {
    machine.start(1, { argv: ["cat"] });
    machine.input(1, "one ");
    machine.input(1, "two");
    machine.input(1, "");
    expect(await exitStatus(1)).toBe(0);
    expect(output(1)).toBe("one two");
  });

  it("gets signals, and its children too", async () => {
    machine.start(1, shell("sleep 100 | cat"));
    await pid(1);
    machine.send(ToAgent.SIGNAL, 1, u32(SIGTERM));
    expect(await exitStatus(1)).toBe(SIGTERM);
  });

  it("keeps nothing of the agent's: no descriptor, no blocked or ignored signal", async () => {
    machine.start(1, shell("ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"));
    await exitStatus(1);
    expect(output(1)).toMatch(/^0\n1\n2\n3\nSigBlk:\t0{16}\nSigIgn:\t0{16}\n$/);
  });
});

describe("what cannot start", () => {
  it.each([
    ["a directory that is not there", { argv: ["/bin/true"], cwd: "/not/there" }, -ENOENT],
    ["a program that is not there", { argv: ["/not/there"] }, -ENOENT],
    ["a program that is nowhere in PATH", { argv: ["not-there"] }, -ENOENT],
    ["a file that is no program", { argv: ["/etc/passwd"] }, -EACCES],
    ["no argument", { argv: [] }, -EINVAL],
  ])("%s", async (_name, program, status) => {
    machine.start(1, program);
    expect(await exitStatus(1)).toBe(status);
    expect(machine.frames).toHaveLength(2);
  });

  it("a START that says more strings than it has, or does not end", async () => {
    machine.send(ToAgent.START, 1, Buffer.concat([u32(0, 0, 9, 0), Buffer.from("/\0/bin/true\0")]));
    machine.send(ToAgent.START, 2, Buffer.concat([u32(0, 0, 1, 0), Buffer.from("/\0/bin/true")]));
    machine.send(ToAgent.START, 3, Buffer.concat([u32(0, 0, 0xffffffff, 0xffffffff), Buffer.from("/\0")]));
    machine.send(ToAgent.START, 4, u32(0, 0, 1));
    for (const process of [1, 2, 3, 4]) expect(await exitStatus(process)).toBe(-EINVAL);
  });

  it("one process too many", async () => {
    for (let process = 0; process < 65; process++) machine.start(process, { argv: ["cat"] });
    expect(await exitStatus(64)).toBe(-EAGAIN);
    for (let process = 0; process < 64; process++) machine.input(process, "");
    for (let process = 0; process < 64; process++) {
      while (!machine.frames.some((f) => f.type === FromAgent.EXIT && f.process === process)) await machine.next();
    }
    machine.start(64, { argv: ["true"] });
    expect(await exitStatus(64)).toBe(0);
  });
});

describe("flow control", () => {
  it("sends what was granted and no more, and does not hold up others", async () => {
    machine.start(1, shell("head -c 200000 /dev/zero"));
    while (machine.bytes(FromAgent.OUTPUT, 1).length < INITIAL_CREDIT) await machine.next();
    machine.start(2, { argv: ["echo", "meanwhile"] });
    expect(await exitStatus(2)).toBe(0);
    expect(machine.bytes(FromAgent.OUTPUT, 1)).toHaveLength(INITIAL_CREDIT);
    machine.send(ToAgent.CREDIT, 1, u32(1, 1000));
    while (machine.bytes(FromAgent.OUTPUT, 1).length < INITIAL_CREDIT + 1000) await machine.next();
    machine.send(ToAgent.CREDIT, 1, u32(1, 0xffffffff));
    machine.send(ToAgent.CREDIT, 1, u32(1, 0xffffffff));
    expect(await exitStatus(1)).toBe(0);
    expect(machine.bytes(FromAgent.OUTPUT, 1)).toHaveLength(200000);
  });

  it("grants standard input as it is taken", async () => {
    machine.start(1, { argv: ["wc", "-c"] });
    const total = 1_000_000;
    let credit = INITIAL_CREDIT;
    for (let rest = total; rest > 0;) {
      const part = Math.min(rest, credit, MAXIMUM_PAYLOAD);
      if (part) machine.input(1, Buffer.alloc(part));
      else credit += (await machine.until(FromAgent.CREDIT, 1)).payload.readUInt32LE();
      credit -= part;
      rest -= part;
    }
    machine.input(1, "");
    expect(await exitStatus(1)).toBe(0);
    expect(output(1).trim()).toBe(String(total));
  });

  it("keeps the bytes of 100 MB in order", async () => {
    const expected = spawnSync("sh", ["-c", "seq 1 12000000 | md5sum"]).stdout.toString().split(" ")[0];
    machine.start(1, shell("seq 1 12000000"));
    const hash = createHash("md5");
    for (;;) {
      const frame = await machine.next();
      if (frame.type === FromAgent.EXIT) break;
      if (frame.type !== FromAgent.OUTPUT) continue;
      hash.update(frame.payload);
      machine.send(ToAgent.CREDIT, 1, u32(1, frame.payload.length));
    }
    expect(hash.digest("hex")).toBe(expected);
  });
});

describe("the end of a process", () => {
  it("comes after all of its output, however late that is granted", async () => {
    machine.start(1, shell("head -c 120000 /dev/zero"));
    while (machine.bytes(FromAgent.OUTPUT, 1).length < INITIAL_CREDIT) await machine.next();
    for (let granted = INITIAL_CREDIT; granted < 120000; granted += 10000)
      machine.send(ToAgent.CREDIT, 1, u32(1, 10000));
    expect(await exitStatus(1)).toBe(0);
    expect(machine.bytes(FromAgent.OUTPUT, 1)).toHaveLength(120000);
  });

  it("does not wait for a background child that holds its output", async () => {
    machine.start(1, shell("echo first; sleep 100 &"));
    expect(await exitStatus(1)).toBe(0);
    expect(output(1)).toBe("first\n");
  });

  it("does not wait for a background child that goes on writing", async () => {
    machine.start(1, shell("yes & sleep 0.1"));
    machine.send(ToAgent.CREDIT, 1, u32(1, 0xffffffff));
    expect(await exitStatus(1)).toBe(0);
  });
});

describe("a process on a terminal", () => {
  const terminal = { columns: 81, rows: 23 };

  it("has a size, which changes, and echoes", async () => {
    machine.start(1, { ...shell("tty; stty size; read line; stty size"), terminal });
    while (!output(1).includes("23 81\r\n")) await machine.next();
    machine.send(ToAgent.RESIZE, 1, Buffer.from([100, 0, 50, 0]));
    machine.input(1, "typed\r");
    expect(await exitStatus(1)).toBe(0);
    expect(output(1)).toMatch(/^\/dev\/pts\/\d+\r\n23 81\r\ntyped\r\n50 100\r\n$/);
  });

  it("has job control: ^C and SIGNAL reach the foreground group only", async () => {
    machine.start(1, { argv: ["/bin/sh", "-i"], terminal });
    // With a trap: dash may lose an interrupt that comes between the output of a command and the start of the next.
    const interrupts = [() => machine.input(1, "\x03"), () => machine.send(ToAgent.SIGNAL, 1, u32(SIGINT))];
    for (const [round, interrupt] of interrupts.entries()) {
      machine.input(1, `sh -c 'trap "exit 1" INT; echo running-$((${round} + 10)); while :; do sleep 1; done'\r`);
      while (!output(1).includes(`running-${round + 10}`)) await machine.next();
      interrupt();
    }
    machine.input(1, "exit 5\r");
    expect(await exitStatus(1)).toBe(5 << 8);
  });

  it("ends with its last output even where that fills it", async () => {
    machine.start(1, { ...shell("head -c 30000 /dev/zero | tr '\\0' x"), terminal });
    expect(await exitStatus(1)).toBe(0);
    expect(output(1)).toBe("x".repeat(30000));
  });
});

describe("a faulty machine", () => {
  it("may say anything about processes that are not there", async () => {
    for (let type = 0; type < 9; type++)
      machine.send(type, 99, type === ToAgent.START ? new Uint8Array() : u32(1, 2, 3));
    machine.start(1, { argv: ["true"] });
    expect(await exitStatus(1)).toBe(0);
  });

  it("may send frames that are too short, signals that do not exist, and more than was granted", async () => {
    machine.start(1, { argv: ["sleep", "100"] });
    for (const type of [ToAgent.CREDIT, ToAgent.SIGNAL, ToAgent.RESIZE]) machine.send(type, 1, new Uint8Array(1));
    for (const signal of [0, 65, 0x80000000, 0xffffffff]) machine.send(ToAgent.SIGNAL, 1, u32(signal));
    machine.send(ToAgent.CREDIT, 1, u32(3, 4));
    for (let i = 0; i < 20; i++) machine.input(1, Buffer.alloc(MAXIMUM_PAYLOAD));
    machine.start(1, { argv: ["true"] });
    machine.send(ToAgent.SIGNAL, 1, u32(SIGKILL));
    expect(await exitStatus(1)).toBe(SIGKILL);
  });

  it("that loses the framing ends the agent, and hangs up the processes", async () => {
    machine.start(1, { argv: ["sleep", "1000"] });
    const sleeper = await pid(1);
    machine.sendRaw(Buffer.alloc(64, 0xff));
    await machine.ended;
    await expect.poll(() => isAlive(sleeper)).toBe(false);
  });
});
