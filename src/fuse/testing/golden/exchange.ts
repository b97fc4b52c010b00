import { joined } from "../../../fs/bytes.js";
import { fuse_in_header } from "../../fuse.js";
import type { FuseMessage } from "../../message.js";
import { operations } from "../../operations.js";
import type { Server } from "../kernel-double.js";

/** One request as the guest sent it, and how it was answered. */
export interface Exchange {
  /** "LOOKUP" for FUSE_LOOKUP. */
  readonly operation: string;
  readonly request: Uint8Array;
  /** Bytes that the reply may have, its header among them. 0: no reply is wanted. */
  readonly room: number;
  readonly reply: Uint8Array;
}

/** Passes messages on to a server and keeps what went both ways, in the order of the requests. */
export class Recorder implements Server {
  readonly exchanges: Exchange[] = [];

  constructor(private readonly server: Server) {}

  handle(message: FuseMessage): void {
    const request = new Uint8Array(message.readableLength);
    message.copyIn(0, request);
    const { opcode } = fuse_in_header.decode(request);
    const operation = operations[opcode]?.name ?? String(opcode);
    const index =
      this.exchanges.push({ operation, request, room: message.writableLength, reply: new Uint8Array(0) }) - 1;
    this.server.handle({
      readableLength: message.readableLength,
      writableLength: message.writableLength,
      copyIn: (offset, into) => message.copyIn(offset, into),
      readableViews: (offset, length) => message.readableViews(offset, length),
      writableViews: (offset, length) => message.writableViews(offset, length),
      copyOut: (offset, bytes) => message.copyOut(offset, bytes),
      complete: (written) => {
        const reply = joined(message.writableViews(0, written));
        this.exchanges[index] = { ...this.exchanges[index]!, reply };
        message.complete(written);
      },
    });
  }
}

/** One line: operation, request, room and reply. Bytes are hexadecimal, with "(n)" for n zeros. */
export function formatExchange({ operation, request, room, reply }: Exchange): string {
  return [operation, formatBytes(request), room, formatBytes(reply)].join(" ").trim();
}

export function parseExchange(line: string): Exchange {
  const [operation = "", request = "", room = "", reply = ""] = line.split(" ");
  return { operation, request: parseBytes(request), room: Number(room), reply: parseBytes(reply) };
}

function formatBytes(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return hex.replace(/00( 00){2,}/g, (zeros) => `(${(zeros.length + 1) / 3})`).replaceAll(" ", "");
}

function parseBytes(text: string): Uint8Array {
  const parts = text.match(/\(\d+\)|[0-9a-f]{2}/g) ?? [];
  return Uint8Array.from(parts.flatMap((part) => (part.startsWith("(") ? zeros(part) : [parseInt(part, 16)])));
}

function zeros(part: string): number[] {
  return new Array<number>(Number(part.slice(1, -1))).fill(0);
}
