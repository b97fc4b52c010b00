import { element } from "../../page/element.js";
import { isObject } from "../protocol.js";
import type { Frame } from "./frame.js";

const KEY = "v86-virtiofs-own-tab";
/** In the address of the new tab: the window that opened it has files for it. */
const FROM_FRAME = "?files=opener";
const MOST_FILES = 20_000;
const MOST_BYTES = 256 * 2 ** 20;

type Files = Readonly<Record<string, Blob>>;

/**
 * A frame of another site gets no folder of the visitor's computer, and its storage is another than the page's own. Its button opens
 * the same machine in a tab of its own, and hands over the files at /mnt/files as Linux has them; there a folder can be shared.
 */
export function onOwnTab(frame: Frame): void {
  const button = element("own-tab", HTMLButtonElement);
  if (parent === window) {
    button.hidden = true;
    if (location.search === FROM_FRAME && opener !== null) frame.given = askOpener(opener as Window);
    offerFolders(frame);
    return;
  }
  button.addEventListener("click", () => void openOwnTab(frame));
}

async function openOwnTab(frame: Frame): Promise<void> {
  const hasFiles = frame.machine !== undefined;
  const tab = open(`${location.pathname}${hasFiles ? FROM_FRAME : ""}${location.hash}`, "_blank");
  if (!tab) return frame.tell("The page around this one forbids new tabs (sandbox without allow-popups).");
  if (!hasFiles) return;
  frame.tell("The new tab takes the files along.");
  const files = filesOf(frame);
  const send = ({ source, origin, data }: MessageEvent<unknown>): void => {
    if (source !== tab || origin !== location.origin || !isObject(data) || data[KEY] !== "files?") return;
    removeEventListener("message", send);
    void files.then(
      (found) => tab.postMessage({ [KEY]: found }, location.origin),
      (error: unknown) => tab.postMessage({ [KEY]: String(error) }, location.origin),
    );
  };
  addEventListener("message", send);
}

/** What the guest has at /mnt/files now. */
async function filesOf(frame: Frame): Promise<Files> {
  const machine = await frame.machine;
  const share = machine?.shares.find(({ tag }) => tag === "files");
  const found = new Map<string, Blob>();
  let bytes = 0;
  const visit = async (path: string): Promise<void> => {
    for (const { name, kind } of (await share?.list(path)) ?? []) {
      const below = path === "" ? name : `${path}/${name}`;
      if (kind === "directory") await visit(below);
      if (kind !== "file") continue;
      const { stream, size } = await share!.read(below);
      bytes += size;
      if (bytes > MOST_BYTES || found.size === MOST_FILES) throw new Error("there are too many files to hand over");
      found.set(below, await new Response(stream).blob());
    }
  };
  await visit("");
  return Object.fromEntries(found);
}

function askOpener(from: Window): Promise<Files> {
  return new Promise((resolve, reject) => {
    addEventListener("message", ({ source, origin, data }: MessageEvent<unknown>) => {
      if (source !== from || origin !== location.origin || !isObject(data)) return;
      const files = data[KEY];
      if (typeof files === "string") reject(new Error(`The files of the frame did not come along: ${files}.`));
      else if (isObject(files) && Object.values(files).every((file) => file instanceof Blob)) resolve(files as Files);
    });
    from.postMessage({ [KEY]: "files?" }, location.origin);
  });
}

/**
 * Only in a page of its own: no parameter shares a folder, and no page around this one is asked for it. Where the address runs
 * commands, which whoever wrote it has chosen, they cannot write into the folder.
 */
function offerFolders(frame: Frame): void {
  if (!("showDirectoryPicker" in window)) return;
  const button = element("share", HTMLButtonElement);
  const readOnly = frame.parameters.lines.some(({ run }) => run);
  const access = readOnly ? "read-only" : "read-write";
  button.hidden = false;
  button.addEventListener("click", () => {
    // First of all: the browser wants the click.
    const picked = window.showDirectoryPicker!({ mode: readOnly ? "read" : "readwrite" });
    picked
      .then(async (folder) => (await frame.start()).share(folder, { access }))
      .then(
        ({ mountPoint }) =>
          frame.tell(`The folder is at ${mountPoint}${readOnly ? ", read-only: this address runs commands" : ""}.`),
        (error: unknown) => {
          if (!(error instanceof DOMException && error.name === "AbortError")) frame.tell(String(error));
        },
      );
  });
}
