import { type Progress, type ShareSource, type StatusEvent, VirtualMachine } from "../../client/index.js";
import { element } from "../../page/element.js";
import { addKeyRow } from "../../page/terminal/key-row.js";
import { UnsavedWarning } from "../../page/shares/unsaved-warning.js";
import { PageTerminal } from "../../page/terminal/page-terminal.js";
import type { EmbedParameters } from "../parameters.js";
import type { Frame } from "./frame.js";
import { followLinks } from "./links.js";
import { typeLines } from "./type-lines.js";

declare global {
  /** The frame's machine and xterm.js, for scripts and tests. */
  var embedded: { readonly machine: VirtualMachine; readonly terminal: PageTerminal["xterm"] } | undefined;
}

let screen: PageTerminal | undefined;

/** Loads and starts the machine that the frame's parameters ask for, and connects the terminal. */
export async function runMachine(
  { parameters, given }: Frame,
  onProgress: (progress: Progress) => void,
  onEnd: (status: "stopped" | "failed", error: Error | undefined) => void,
): Promise<VirtualMachine> {
  const files = filesOf(parameters, given, onProgress);
  files.catch(() => undefined); // Told below.
  const { memory, opfs, readOnly, lines } = parameters;
  const machine = await VirtualMachine.start({ onProgress, ...(memory !== undefined && { memory: memory * 2 ** 20 }) });
  try {
    const found = await files;
    if (found) await machine.share(found, { tag: "files", access: "copy-on-write" });
    if (opfs !== undefined) await machine.share({ opfs }, { tag: opfs });
  } catch (error) {
    await machine.stop();
    throw error;
  }
  machine.addEventListener("status", (event) => {
    const { status, error } = (event as StatusEvent).detail;
    if (status === "stopped" || status === "failed") onEnd(status, error);
  });
  // What comes from the address is changed for this visit only.
  const warning = new UnsavedWarning();
  machine.addEventListener("shares", () => warning.update(machine.shares.filter(({ kind }) => kind !== "files")));
  screen ??= makeScreen(parameters);
  globalThis.embedded = { machine, terminal: screen.xterm };
  const typed = typeLines(screen.xterm, lines);
  void screen.connect(machine.console, "This is Linux, running in this page.");
  void typed.then(() => {
    if (readOnly && screen) screen.xterm.options.disableStdin = true;
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

async function filesOf(
  { files, inline }: EmbedParameters,
  given: Frame["given"],
  onProgress: (progress: Progress) => void,
): Promise<ShareSource | undefined> {
  if (given) return filesIn(Object.entries(await given));
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
