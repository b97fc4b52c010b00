import { element } from "../../page/element.js";
import { isObject } from "../protocol.js";
import type { Frame } from "./frame.js";

const KEY = "v86-virtiofs-own-tab";
/** In the address of the new tab: the window that opened it has files for it. */
const FROM_FRAME = "?files=opener";
/** What the tab asks, again and again, and what it hears until the files are there. */
const ASK = "files?";
const WAIT = "wait";
const ASK_INTERVAL_MS = 500;
const MOST_SILENCE_MS = 10_000;
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
    if (location.search === FROM_FRAME) takeFiles(frame);
    offerFolders(frame);
    return;
  }
  button.addEventListener("click", () => void openOwnTab(frame));
}

/** Where they do not come, the next start does without them. */
function takeFiles(frame: Frame): void {
  // No opener: the tab was opened again, or its opener's page cut the tie (Cross-Origin-Opener-Policy).
  const gone = new Error("The page that has the files was closed. Start Linux to go on without them.");
  const given = opener === null ? Promise.reject(gone) : askOpener(opener as Window);
  frame.given = given;
  given.catch((error: Error) => {
    frame.given = undefined;
    frame.tell(error.message);
  });
}

async function openOwnTab(frame: Frame): Promise<void> {
  const hasFiles = frame.machine !== undefined;
  const tab = open(`${location.pathname}${hasFiles ? FROM_FRAME : ""}${location.hash}`, "_blank");
  if (!tab) return frame.tell("The page around this one forbids new tabs (sandbox without allow-popups).");
  if (!hasFiles) return;
  frame.tell("The new tab takes the files along.");
  const post = (answer: Files | string): void => tab.postMessage({ [KEY]: answer }, location.origin);
  const files = filesOf(frame);
  let asked = false;
  const answer = ({ source, origin, data }: MessageEvent<unknown>): void => {
    if (source !== tab || origin !== location.origin || !isObject(data) || data[KEY] !== ASK) return;
    post(WAIT);
    if (asked) return;
    asked = true;
    void files
      .then(post, (error: unknown) => post(String(error)))
      .finally(() => removeEventListener("message", answer));
  };
  addEventListener("message", answer);
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

/** Asks until it has them: an opener that is closed, or does not answer any more, rejects. */
function askOpener(from: Window): Promise<Files> {
  const ended = new AbortController();
  return new Promise<Files>((resolve, reject) => {
    let heard = Date.now();
    const fail = (why: string): void =>
      reject(new Error(`The files of the frame did not come along: ${why}. Start Linux to go on without them.`));
    const ask = (): void => {
      if (from.closed) return fail("the page that has them was closed");
      if (Date.now() - heard > MOST_SILENCE_MS) return fail("the page that has them does not answer");
      from.postMessage({ [KEY]: ASK }, location.origin);
    };
    const receive = ({ source, origin, data }: MessageEvent<unknown>): void => {
      if (source !== from || origin !== location.origin || !isObject(data)) return;
      heard = Date.now();
      const files = data[KEY];
      if (typeof files === "string" && files !== WAIT) fail(files);
      else if (isObject(files) && Object.values(files).every((file) => file instanceof Blob)) resolve(files as Files);
    };
    const { signal } = ended;
    addEventListener("message", receive, { signal });
    const timer = setInterval(ask, ASK_INTERVAL_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    ask();
  }).finally(() => ended.abort());
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
