import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  FRAME_HEADER_SIZE,
  START_HEADER_SIZE,
  START_TERMINAL,
  START_UPLOAD,
  ToAgent,
} from "../../src/machine/agent-protocol.js";

/** A frame that the agent has sent. */
export interface Frame {
  readonly type: number;
  readonly process: number;
  readonly payload: Buffer;
}

/** What START says. */
export interface Program {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: readonly string[];
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly uploads?: boolean;
}

/** The machine's side of the protocol, spoken with the agent of `public/guest`, which runs on this computer. */
export class MachineDouble {
  readonly frames: Frame[] = [];
  /** Resolves when the agent has ended. */
  readonly ended: Promise<void>;
  readonly #agent: ChildProcessWithoutNullStreams;
  readonly #directory = mkdtempSync(join(tmpdir(), "agent-"));
  #received: Buffer = Buffer.alloc(0);
  #next = 0;
  #arrived = () => {};

  constructor() {
    const file = join(this.#directory, "agent");
    writeFileSync(file, agentProgram(), { mode: 0o755 });
    this.#agent = spawn(file, { env: {} });
    this.#agent.stdin.on("error", () => {}); // The agent may end first.
    this.#agent.stdout.on("data", (bytes: Buffer) => {
      this.#receive(bytes);
    });
    this.ended = new Promise((resolve) => this.#agent.on("close", () => resolve()));
  }

  dispose(): void {
    this.#agent.kill();
    rmSync(this.#directory, { recursive: true });
  }

  send(type: number, process: number, payload: Uint8Array = new Uint8Array()): void {
    this.#agent.stdin.write(Buffer.concat([u32(type, process, payload.length), payload]));
  }

  sendRaw(bytes: Uint8Array): void {
    this.#agent.stdin.write(bytes);
  }

  start(process: number, { argv, cwd = "/", env = ["PATH=/usr/bin:/bin"], terminal, uploads }: Program): void {
    const header = Buffer.alloc(START_HEADER_SIZE);
    header.writeUInt32LE((terminal ? START_TERMINAL : 0) | (uploads ? START_UPLOAD : 0), 0);
    header.writeUInt16LE(terminal?.columns ?? 0, 4);
    header.writeUInt16LE(terminal?.rows ?? 0, 6);
    header.writeUInt32LE(argv.length, 8);
    header.writeUInt32LE(env.length, 12);
    this.send(ToAgent.START, process, Buffer.concat([header, Buffer.from([cwd, ...argv, ...env, ""].join("\0"))]));
  }

  input(process: number, bytes: string | Uint8Array): void {
    this.send(ToAgent.INPUT, process, Buffer.from(bytes));
  }

  /** The next frame that has not been looked at. */
  async next(): Promise<Frame> {
    while (this.#next === this.frames.length) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.frames[this.#next++]!;
  }

  /** Looks at frames up to one of this type (and process), and returns it. */
  async until(type: number, process?: number): Promise<Frame> {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type && (process === undefined || frame.process === process)) return frame;
    }
  }

  /** The bytes of a type's frames so far. */
  bytes(type: number, process: number): Buffer {
    return Buffer.concat(this.frames.filter((f) => f.type === type && f.process === process).map((f) => f.payload));
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= FRAME_HEADER_SIZE) {
      const end = FRAME_HEADER_SIZE + this.#received.readUInt32LE(8);
      if (this.#received.length < end) break;
      this.frames.push({
        type: this.#received.readUInt32LE(0),
        process: this.#received.readUInt32LE(4),
        payload: this.#received.subarray(FRAME_HEADER_SIZE, end),
      });
      this.#received = this.#received.subarray(end);
    }
    this.#arrived();
  }
}

/** Little-endian words. */
export function u32(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, 4 * index));
  return bytes;
}

/** `/sbin/agent` out of the committed initramfs, a cpio archive of the "new ASCII" format. */
function agentProgram(): Buffer {
  const archive = gunzipSync(readFileSync(new URL("../../public/guest/initramfs.img", import.meta.url)));
  for (let offset = 0; ;) {
    const field = (index: number) =>
      parseInt(archive.toString("latin1", offset + 6 + 8 * index, offset + 14 + 8 * index), 16);
    const size = field(6);
    const nameSize = field(11);
    const name = archive.toString("latin1", offset + 110, offset + 110 + nameSize - 1);
    const start = (offset + 110 + nameSize + 3) & ~3;
    if (name.replace(/^\//, "") === "sbin/agent") return archive.subarray(start, start + size);
    if (name === "TRAILER!!!") throw new Error("the initramfs has no /sbin/agent");
    offset = (start + size + 3) & ~3;
  }
}
