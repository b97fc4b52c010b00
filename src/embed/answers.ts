import { MachineError } from "../machine/machine-error.js";
import type { FrameConnection } from "./frame-connection.js";
import type { FrameCalls } from "./protocol.js";
import { type Shape, bytes, count, either, list, missing, oneOf, record, shape, text } from "./shapes.js";

const MOST_ENTRIES = 1_000_000;
/** Bytes of one part of a stream. */
const MOST_BYTES = 16 << 20;
const MOST_OPERATIONS = 256;

const kind = oneOf("file", "directory", "symlink", "other");
const part: Shape = (value) => bytes(value) && (value as Uint8Array).length <= MOST_BYTES;

/** What the answers to calls are that give something. */
const ANSWERS = {
  list: list(shape({ name: text, kind, size: count, modified: number, target: either(text, missing) }), MOST_ENTRIES),
  unsaved: list(shape({ path: text, bytes: count }), MOST_ENTRIES),
  statistics: shape({
    tag: text,
    requests: record(count, MOST_OPERATIONS),
    notifications: count,
    interrupts: count,
    bytesRead: count,
    bytesWritten: count,
  }),
  read: shape({ stream: count, size: count, modified: number }),
  zip: shape({ stream: count }),
  next: either(part, missing),
  changes: list(
    shape({
      path: text,
      kind: oneOf("added", "changed", "deleted"),
      type: oneOf("file", "directory"),
      size: count,
      oldSize: either(count, missing),
    }),
    MOST_ENTRIES,
  ),
  readChange: part,
  apply: shape({ applied: list(text, MOST_ENTRIES), kept: list(shape({ path: text, reason: text }), MOST_ENTRIES) }),
} satisfies Partial<Record<keyof FrameCalls, Shape>>;

/** Calls the frame. One whose answer is not of the form that the call gives is given up. */
export async function ask<K extends keyof typeof ANSWERS>(
  frame: FrameConnection,
  call: K,
  parameters: Parameters<FrameCalls[K]>,
): Promise<ReturnType<FrameCalls[K]>> {
  const value = await frame.call(call, parameters);
  if (ANSWERS[call](value)) return value;
  const error = new MachineError("not-allowed", `The frame answers “${call}” as no frame does.`);
  frame.end(error);
  throw error;
}

/** Milliseconds since 1970, or before. */
function number(value: unknown): boolean {
  return Number.isFinite(value);
}
