import { structuredPatch } from "diff";
import type { FileChange, Share } from "../../client/index.js";
import { bytesInWords } from "../amount.js";
import { shownName } from "../shown-name.js";

const MOST_BYTES = 1 << 20;
/** U+2400: pictures of the control characters. */
const PICTURES = 0x2400;
const UNSEEN = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Milliseconds after which two files count as too different to show. */
const MOST_TIME = 2000;

/** What differs between the folder's file and the guest's, as lines. */
export async function diffOf(share: Share, change: FileChange): Promise<HTMLElement> {
  const largest = Math.max(change.size, change.oldSize ?? 0);
  if (largest > MOST_BYTES) return note(`${bytesInWords(largest)}: too large to compare here.`);
  const [before, after] = await Promise.all([
    change.kind === "added" ? "" : textOf(share.readChange(change.path, "before")),
    change.kind === "deleted" ? "" : textOf(share.readChange(change.path, "after")),
  ]);
  if (before === undefined || after === undefined) return note("Not a text file.");
  const patch = structuredPatch("", "", before, after, "", "", { context: 3, timeout: MOST_TIME });
  if (patch === undefined) return note("Too different to compare here.");
  if (patch.hunks.length === 0) return note(after === "" && before === "" ? "An empty file." : "The same text.");
  const shown = document.createElement("pre");
  shown.className = "diff";
  shown.tabIndex = 0;
  shown.role = "region";
  shown.ariaLabel = `Changes in ${shownName(change.path)}`;
  for (const { oldStart, oldLines, newStart, newLines, lines } of patch.hunks) {
    shown.append(line("span", `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`));
    for (const text of lines)
      shown.append(line(text.startsWith("+") ? "ins" : text.startsWith("-") ? "del" : "span", text));
  }
  return shown;
}

/** Undefined for what is no text. */
async function textOf(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const bytes = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer();
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function line(tag: "ins" | "del" | "span", text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = `${visible(text)}\n`;
  return made;
}

/** Ends of lines of Windows and other characters that nobody would see, or that turn the text around, as ␍ and ⟨202e⟩. */
function visible(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (character === "\t") return character;
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(PICTURES + code) : `⟨${code.toString(16)}⟩`;
  });
}

function note(text: string): HTMLElement {
  const made = document.createElement("p");
  made.className = "quiet";
  made.textContent = text;
  return made;
}
