import type { EmulatorState } from "./emulator.js";

/**
 * A snapshot as a file, compressed by gzip, which browsers undo while it arrives and which tells damage:
 *
 * ```
 *   0            4                  4 + length
 *   | length u32 | header, JSON     | v86's state, `computerBytes` bytes
 * ```
 */
interface Header {
  /** What the snapshot was made from and fits: see scripts/snapshot-plugin.mjs. */
  readonly key: string;
  readonly computerBytes: number;
  readonly devices: EmulatorState["devices"];
}

const LENGTH_BYTES = 4;
/** Bounds what a wrong file may ask for. */
const HEADER_MAXIMUM = 64 * 1024;
const COMPUTER_MAXIMUM = 256 * 1024 * 1024;

/** The file's content, not yet compressed. */
export function encodeSnapshot(key: string, { computer, devices }: EmulatorState): Uint8Array<ArrayBuffer> {
  const header: Header = { key, computerBytes: computer.byteLength, devices };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(LENGTH_BYTES + json.length + computer.byteLength);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, LENGTH_BYTES);
  file.set(new Uint8Array(computer), LENGTH_BYTES + json.length);
  return file;
}

/** Reads a compressed file. Throws unless it is whole and has this key. */
export async function readSnapshot(file: ReadableStream<Uint8Array<ArrayBuffer>>, key: string): Promise<EmulatorState> {
  const bytes = new ExactReader(file.pipeThrough(new DecompressionStream("gzip")).getReader());
  const length = new DataView((await bytes.read(LENGTH_BYTES)).buffer).getUint32(0, true);
  if (length > HEADER_MAXIMUM) throw new Error("this is no snapshot");
  const header = JSON.parse(new TextDecoder().decode(await bytes.read(length))) as Header;
  if (header.key !== key) throw new Error(`the snapshot is ${header.key}, not ${key}`);
  if (header.computerBytes > COMPUTER_MAXIMUM) throw new Error("the snapshot is too large");
  const { buffer } = await bytes.read(header.computerBytes);
  await bytes.end();
  return { computer: buffer, devices: header.devices };
}

/** Reads a stream in parts of a known size. */
class ExactReader {
  #rest = new Uint8Array(0);

  constructor(private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {}

  async read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.reader.read();
        if (done) throw new Error("the snapshot is cut off");
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return bytes;
  }

  /** The checksum stands at the end. */
  async end(): Promise<void> {
    const { done } = await this.reader.read();
    if (!done || this.#rest.length > 0) throw new Error("the snapshot goes on behind its end");
  }
}
