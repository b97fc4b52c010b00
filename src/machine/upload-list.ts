import { encodedLength, encodeInto } from "../posix/name.js";
import type { UploadEntry } from "./share-files-api.js";

/**
 * What the machine and `guest/agent/upload.c` say to each other, little-endian. The list has for each entry, in order
 *
 * ```
 *   0          8        12       16
 *   | u64 size | u32 flags | u32 length of the path | the path's bytes, NUL
 * ```
 *
 * and a report is `u32 index, i32 result, u64 bytes`: how much of the entry is there so far, or its end.
 */
const HEADER_SIZE = 16;
const REPORT_SIZE = 16;
const REPLACE = 1;
const DIRECTORY = 2;

/** Results that are no errno, but for `ENODATA`, which the guest's kernel gives for no file. 0: it is there. */
export const UploadResult = { underWay: -1, unreadable: 61 } as const;

export interface UploadReport {
  readonly index: number;
  /** 0, an errno, or one of `UploadResult`. */
  readonly result: number;
  readonly bytes: number;
}

/** Throws EILSEQ for a path that stands for no bytes. */
export function encodeUploadList(entries: readonly UploadEntry[]): Uint8Array {
  const paths = entries.map(({ path }) => path.split("/").filter((name) => name !== "").join("/")); // prettier-ignore
  const lengths = paths.map(encodedLength);
  const list = new Uint8Array(lengths.reduce((sum, length) => sum + HEADER_SIZE + length + 1, 0));
  const view = new DataView(list.buffer);
  let at = 0;
  for (const [index, { size, replace }] of entries.entries()) {
    view.setBigUint64(at, BigInt(size ?? 0), true);
    view.setUint32(at + 8, (replace ? REPLACE : 0) | (size === undefined ? DIRECTORY : 0), true);
    view.setUint32(at + 12, lengths[index]!, true);
    encodeInto(paths[index]!, list, at + HEADER_SIZE);
    at += HEADER_SIZE + lengths[index]! + 1;
  }
  return list;
}

/** Gives the reports of a stream in any cut to `take`. */
export async function takeReports(
  stream: ReadableStream<Uint8Array>,
  take: (report: UploadReport) => void,
): Promise<void> {
  const reader = stream.getReader();
  let rest = new Uint8Array(0);
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return;
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (; at + REPORT_SIZE <= bytes.length; at += REPORT_SIZE) {
      take({
        index: view.getUint32(at, true),
        result: view.getInt32(at + 4, true),
        bytes: Number(view.getBigUint64(at + 8, true)),
      });
    }
    rest = bytes.slice(at);
  }
}
