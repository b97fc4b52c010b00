import { MOST_BYTES, type Operation, type StoreRequest } from "./messages.js";

const MOST_NAMES = 512;
const LONGEST_NAME = 1024;

/** Whether a value that came from elsewhere is what an operation takes. */
const CHECKS = {
  path: (value: unknown) => Array.isArray(value) && value.length <= MOST_NAMES && value.every(isName),
  name: isName,
  file: isCount,
  offset: isCount,
  length: (value: unknown) => isCount(value) && value <= MOST_BYTES,
  size: isCount,
  flag: (value: unknown) => typeof value === "boolean",
  bytes: (value: unknown) => value instanceof Uint8Array && value.length <= MOST_BYTES,
} satisfies Record<string, (value: unknown) => boolean>;

type Check = keyof typeof CHECKS;

/** What each operation of `StoreCalls` takes. */
const PARAMETERS: Readonly<Record<Operation, readonly Check[]>> = {
  facts: [],
  list: ["path"],
  get: ["path", "name"],
  createFile: ["path", "name"],
  createDirectory: ["path", "name"],
  remove: ["path", "name"],
  rename: ["path", "name", "path", "name"],
  stat: ["path"],
  open: ["path", "flag"],
  read: ["file", "offset", "length"],
  write: ["file", "offset", "bytes"],
  append: ["file", "bytes"],
  truncate: ["file", "size"],
  flush: ["file"],
  detach: ["file"],
  closeFile: ["file"],
  space: [],
  watch: [],
  sync: [],
  close: [],
};

/** The request that `message` is, or undefined where it is none. */
export function readRequest(message: unknown): StoreRequest | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { id, operation, parameters } = message as Partial<Record<keyof StoreRequest, unknown>>;
  if (!isCount(id) || typeof operation !== "string" || !Object.hasOwn(PARAMETERS, operation)) return undefined;
  const checks = PARAMETERS[operation as Operation];
  if (!Array.isArray(parameters) || parameters.length !== checks.length) return undefined;
  if (!checks.every((check, index) => CHECKS[check](parameters[index]))) return undefined;
  return { id, operation: operation as Operation, parameters };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value !== "" &&
    value !== "." &&
    value !== ".." &&
    value.length <= LONGEST_NAME &&
    !value.includes("/") &&
    !value.includes("\0")
  );
}
