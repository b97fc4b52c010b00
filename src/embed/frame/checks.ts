import { type FrameCalls, isCount, isObject } from "../protocol.js";

const LONGEST = 64 * 1024;
const MOST_ARGUMENTS = 4096;
const MOST_FILES = 20_000;
const ACCESSES: readonly unknown[] = ["read-write", "read-only", "copy-on-write"];

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string" && value.length <= LONGEST;
const texts: Check = (value) => Array.isArray(value) && value.length <= MOST_ARGUMENTS && value.every(text);
const missing: Check = (value) => value === undefined;
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
/** An object with these keys and no others. */
const shape =
  (keys: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.keys(value).every((key) => Object.hasOwn(keys, key)) &&
    Object.entries(keys).every(([key, check]) => check(value[key]));
const size: Check = (value) => isCount(value) && value > 0 && value <= 4096;
const record: (of: Check, most: number) => Check = (of, most) => (value) =>
  isObject(value) && Object.keys(value).length <= most && Object.values(value).every(of);
const port: Check = (value) => value instanceof MessagePort;

/** What each call takes. */
const PARAMETERS: Readonly<Record<keyof FrameCalls, readonly Check[]>> = {
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
        files: record(
          either(text, (it) => it instanceof Uint8Array || it instanceof Blob),
          MOST_FILES,
        ),
      }),
    ),
    shape({
      tag: either(text, missing),
      mountPoint: either(text, missing),
      access: either((value) => ACCESSES.includes(value), missing),
    }),
  ],
  flush: [text],
  remove: [text],
  changes: [text],
  readChange: [text, text, (side) => side === "before" || side === "after", isCount, isCount],
  apply: [text, either(texts, missing)],
  discard: [text, either(texts, missing)],
  list: [text, text],
  unsaved: [text],
  statistics: [text],
  makeDirectory: [text, text],
  write: [text, text, (value) => value instanceof Blob, (value) => typeof value === "boolean"],
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
