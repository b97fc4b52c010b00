import type { VirtualMachine } from "../../client/index.js";
import { isObject } from "../protocol.js";
import type { Frame } from "./frame.js";
import {
  ANSWER,
  ASK,
  ASK_INTERVAL_MS,
  type Files,
  type FromFrame,
  type FromTab,
  KEY,
  MOST_SILENCE_MS,
} from "./hand-over-messages.js";
import { readScreen } from "./screen.js";
import { SuspendedMachine } from "./suspended-machine.js";

const MOST_FILES = 20_000;
const MOST_BYTES = 256 * 2 ** 20;
/** Bytes of a part of the emulator's state: between two of them the tab shows how far it is. */
const PART_BYTES = 4 * 2 ** 20;

/**
 * Gives the frame's machine to `tab`, which runs the same page: memory, processes, terminal and files. It stands still until the tab
 * says that it goes on there, and then ends here; where it does not, it goes on here, and the tab gets the files.
 */
export async function handOver(frame: Frame, tab: Window): Promise<void> {
  const line = await answerTab(tab);
  if (!line) return frame.tell("Linux goes on here: The new tab was closed.");
  try {
    const machine = await frame.machine;
    if (!machine) throw new Error("Linux has not started.");
    const why = await move(frame, machine, line);
    if (why === undefined) return;
    frame.tell(`Linux goes on here: ${why} The new tab gets the files.`);
    line.post({ type: "files", files: await filesOf(machine), why });
    await line.gone;
  } catch (error) {
    line.post({ type: "failed", why: messageOf(error) });
  } finally {
    line.end();
  }
}

/** Undefined: it went on there. Otherwise why not; it goes on here. */
async function move(frame: Frame, machine: VirtualMachine, line: Line): Promise<string | undefined> {
  const { terminal } = globalThis.embedded!;
  const { disableStdin = false } = terminal.options;
  // What is typed from here on would get lost.
  terminal.options.disableStdin = true;
  let suspended: SuspendedMachine | undefined;
  try {
    suspended = await SuspendedMachine.of(machine);
    const { state } = suspended;
    const { computer } = state.emulator;
    for (let at = 0; at < computer.byteLength; at += PART_BYTES) {
      const bytes = computer.slice(at, at + PART_BYTES);
      line.post({ type: "part", bytes, total: computer.byteLength }, [bytes]);
    }
    const around = { ...state, emulator: { ...state.emulator, computer: new ArrayBuffer(0) } };
    line.post({ type: "machine", state: around, screen: await readScreen(terminal) });
    const answer = await Promise.race([line.answer, line.gone]);
    if (answer.type !== "runs") throw new Error(answer.why);
  } catch (error) {
    terminal.options.disableStdin = disableStdin;
    await suspended?.goOn();
    return messageOf(error);
  }
  frame.endedAs("Linux went on in its own tab.");
  await suspended.end();
  line.post({ type: "yours" });
  return undefined;
}

/** A port to the tab, once it asks. */
interface Line {
  /** What it says of the machine. */
  readonly answer: Promise<FromTab>;
  /** Resolves when it is closed, or silent for too long, with what it would say. */
  readonly gone: Promise<FromTab & { type: "failed" }>;
  post(message: FromFrame, transfer?: Transferable[]): void;
  end(): void;
}

/** Undefined where the tab is closed before it asks. */
function answerTab(tab: Window): Promise<Line | undefined> {
  const { port1, port2 } = new MessageChannel();
  const ended = new AbortController();
  const post: Line["post"] = (message, transfer = []) => port1.postMessage(message, transfer);
  const answer = new Promise<FromTab>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<FromTab>) => resolve(data);
  });
  // It may take long to load: it is silent from its first question on.
  let heard = Infinity;
  const gone: Line["gone"] = new Promise((resolve) => {
    const look = (): void => {
      if (tab.closed) resolve({ type: "failed", why: "The new tab was closed." });
      else if (Date.now() - heard > MOST_SILENCE_MS) resolve({ type: "failed", why: "The new tab does not answer." });
    };
    const timer = setInterval(look, ASK_INTERVAL_MS);
    ended.signal.addEventListener("abort", () => clearInterval(timer));
  });
  return new Promise((resolve) => {
    void gone.then(() => {
      if (heard !== Infinity) return;
      ended.abort();
      resolve(undefined);
    });
    let transfer: Transferable[] = [port2];
    const receive = ({ source, origin, data }: MessageEvent<unknown>): void => {
      if (source !== tab || origin !== location.origin || !isObject(data) || data[KEY] !== ASK) return;
      heard = Date.now();
      tab.postMessage({ [KEY]: ANSWER }, location.origin, transfer);
      transfer = [];
      resolve({ answer, gone, post, end: () => ended.abort() });
    };
    addEventListener("message", receive, { signal: ended.signal });
  });
}

/** What the guest has at /mnt/files now. */
async function filesOf(machine: VirtualMachine): Promise<Files> {
  const share = machine.shares.find(({ tag }) => tag === "files");
  const found = new Map<string, Blob>();
  let bytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const { name, kind } of (await share?.list(path)) ?? []) {
      const below = path === "" ? name : `${path}/${name}`;
      if (kind === "directory") await visit(below);
      if (kind !== "file") continue;
      const { stream, size } = await share!.read(below);
      bytes += size;
      if (bytes > MOST_BYTES || found.size === MOST_FILES) throw new Error("There are too many files to hand over.");
      found.set(below, await new Response(stream).blob());
    }
  };
  await visit("");
  return Object.fromEntries(found);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
