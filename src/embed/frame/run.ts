import {
  type Progress,
  type ShareSource,
  type StartOptions,
  type StatusEvent,
  VirtualMachine,
} from "../../client/index.js";
import { element } from "../../page/element.js";
import { addKeyRow } from "../../page/terminal/key-row.js";
import { UnsavedWarning } from "../../page/shares/unsaved-warning.js";
import { PageTerminal } from "../../page/terminal/page-terminal.js";
import type { EmbedParameters } from "../parameters.js";
import type { Frame } from "./frame.js";
import { followLinks } from "./links.js";
import { showScreen } from "./screen.js";
import type { Given, GivenFiles, GivenMachine } from "./take-over.js";
import { typeLines } from "./type-lines.js";

declare global {
  /** The frame's machine and xterm.js, for scripts and tests. */
  var embedded: { readonly machine: VirtualMachine; readonly terminal: PageTerminal["xterm"] } | undefined;
}

type OnProgress = (progress: Progress) => void;

let screen: PageTerminal | undefined;

/** Loads and starts the machine that the frame's parameters ask for, and connects the terminal. */
export async function runMachine(
  frame: Frame,
  onProgress: OnProgress,
  onEnd: (status: "stopped" | "failed", error: Error | undefined) => void,
): Promise<VirtualMachine> {
  const { parameters, given } = frame;
  const found = await given;
  // It is had once only.
  if (found && "state" in found) frame.given = undefined;
  const { machine, taken, why } = await start(parameters, found, onProgress);
  machine.addEventListener("status", (event) => {
    const { status, error } = (event as StatusEvent).detail;
    if (status === "stopped" || status === "failed") onEnd(status, error);
  });
  // What comes from the address is changed for this visit only.
  const warning = new UnsavedWarning();
  machine.addEventListener("shares", () => warning.update(machine.shares.filter(({ kind }) => kind !== "files")));
  screen ??= makeScreen(parameters);
  globalThis.embedded = { machine, terminal: screen.xterm };
  const { xterm } = screen;
  if (why !== undefined) frame.tell(`The machine of the frame did not come along, its files did. ${why}`);
  if (taken) await showScreen(xterm, taken.screen);
  // Typed before, by the machine that goes on.
  const typed = typeLines(xterm, taken ? [] : parameters.lines);
  void screen.connect(machine.console, taken ? undefined : "This is Linux, running in this page.");
  void typed.then(() => {
    if (parameters.readOnly) xterm.options.disableStdin = true;
  });
  return machine;
}

function makeScreen({ theme, fontSize }: EmbedParameters): PageTerminal {
  const made = new PageTerminal(element("terminal", HTMLElement), {
    ...(theme !== "auto" && { theme }),
    ...(fontSize !== undefined && { fontSize }),
  });
  followLinks(made.xterm);
  addKeyRow(element("key-row", HTMLElement), made);
  made.onLeave = () => element("own-tab", HTMLButtonElement).focus();
  return made;
}

interface Started {
  readonly machine: VirtualMachine;
  /** It goes on from there. */
  readonly taken?: GivenMachine;
  /** It does not. */
  readonly why?: string;
}

async function start(parameters: EmbedParameters, given: Given | undefined, onProgress: OnProgress): Promise<Started> {
  if (given === undefined) return { machine: await startNew(parameters, filesOf(parameters, onProgress), onProgress) };
  if (!("state" in given)) return withFiles(parameters, given, onProgress);
  const machine = await VirtualMachine.start({ ...optionsOf(parameters, onProgress), movable: given.state }).catch(
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (typeof machine === "string") return withFiles(parameters, await given.failed(machine), onProgress);
  try {
    await given.runs();
  } catch (error) {
    await machine.stop();
    throw error;
  }
  return { machine, taken: given };
}

async function withFiles(
  parameters: EmbedParameters,
  { files, why }: GivenFiles,
  onProgress: OnProgress,
): Promise<Started> {
  const found = Promise.resolve(filesIn(Object.entries(files)));
  return { machine: await startNew(parameters, found, onProgress), why };
}

async function startNew(
  parameters: EmbedParameters,
  files: Promise<ShareSource | undefined>,
  onProgress: OnProgress,
): Promise<VirtualMachine> {
  files.catch(() => undefined); // Told below.
  const { opfs } = parameters;
  const machine = await VirtualMachine.start({ ...optionsOf(parameters, onProgress), movable: true });
  try {
    const found = await files;
    if (found) await machine.share(found, { tag: "files", access: "copy-on-write" });
    if (opfs !== undefined) await machine.share({ opfs }, { tag: opfs });
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

function optionsOf({ memory }: EmbedParameters, onProgress: OnProgress): StartOptions {
  return { onProgress, ...(memory !== undefined && { memory: memory * 2 ** 20 }) };
}

async function filesOf({ files, inline }: EmbedParameters, onProgress: OnProgress): Promise<ShareSource | undefined> {
  if (!files && inline.size === 0) return undefined;
  const found = new Map<string, string | Uint8Array>();
  if (files) {
    const { loadFiles } = await import("./load-files.js");
    for (const [path, bytes] of await loadFiles(files, onProgress)) found.set(path, bytes);
  }
  for (const [path, content] of inline) found.set(path, content);
  return filesIn(found);
}

/** In one folder: files that all lie in a folder are shared without it. */
function filesIn(files: Iterable<readonly [path: string, content: string | Uint8Array | Blob]>): ShareSource {
  return { files: Object.fromEntries(Array.from(files, ([path, content]) => [`files/${path}`, content])) };
}
