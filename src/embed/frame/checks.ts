import { type FrameCalls, isCount, isObject } from "../protocol.js";
import { type Shape, bytes, either, flag, list, missing, oneOf, record, shape, text } from "../shapes.js";

const MOST_ARGUMENTS = 4096;
const MOST_FILES = 20_000;

const texts = list(text, MOST_ARGUMENTS);
const size: Shape = (value) => isCount(value) && value > 0 && value <= 4096;
const port: Shape = (value) => value instanceof MessagePort;
const blob: Shape = (value) => value instanceof Blob;

/** What each call takes. */
const PARAMETERS: Readonly<Record<keyof FrameCalls, readonly Shape[]>> = {
  start: [],
  spawn: [
    either(text, texts),
    shape({
      cwd: either(text, missing),
      env: either(record(text, MOST_ARGUMENTS), missing),
      terminal: either(shape({ columns: size, rows: size }), missing),
    }),
    port,
  ],
  share: [
    either(
      shape({ opfs: text }),
      shape({ port, name: text }),
      shape({
        files: record(either(text, bytes, blob), MOST_FILES),
      }),
    ),
    shape({
      tag: either(text, missing),
      mountPoint: either(text, missing),
      access: either(oneOf("read-write", "read-only", "copy-on-write"), missing),
    }),
  ],
  flush: [text],
  remove: [text],
  changes: [text],
  readChange: [text, text, oneOf("before", "after"), isCount, isCount],
  apply: [text, either(texts, missing)],
  discard: [text, either(texts, missing)],
  list: [text, text],
  unsaved: [text],
  statistics: [text],
  makeDirectory: [text, text],
  write: [text, text, blob, flag],
  read: [text, text],
  zip: [text, text],
  next: [isCount],
  cancel: [isCount],
  stop: [],
};

export interface FrameCall {
  readonly id: number;
  readonly call: keyof FrameCalls;
  readonly parameters: readonly unknown[];
}

/** The call that `data` is. Undefined where it has no number to answer to; a string says what is wrong with it. */
export function readCall(data: unknown): FrameCall | { readonly id: number; readonly problem: string } | undefined {
  if (!isObject(data) || data["type"] !== "call" || !isCount(data["id"])) return undefined;
  const { id, call, parameters } = data;
  if (typeof call !== "string" || !Object.hasOwn(PARAMETERS, call)) return { id, problem: "There is no such call." };
  const checks = PARAMETERS[call as keyof FrameCalls];
  const fits = Array.isArray(parameters) && parameters.length <= checks.length;
  if (!fits || !checks.every((check, index) => check(parameters[index]))) {
    return { id, problem: `“${call}” was asked for with something that it does not take.` };
  }
  return { id, call: call as keyof FrameCalls, parameters };
}
