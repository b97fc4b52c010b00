import type { Report } from "./transfer.js";
import { shownName } from "../shown-name.js";

/** An object URL that is let go of at once would end the download in some browsers. */
const URL_LIFE_MS = 60_000;

/** Where a download goes. */
export type Target = (
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
  signal: AbortSignal,
  report: Report,
) => Promise<void>;

/**
 * Asks the visitor where to save `name`: call it in a click. Where the browser has no such dialog, the file is collected, in
 * memory or where the browser puts what is too large for that, and goes where downloads go. Rejects with an AbortError when the
 * visitor closes the dialog.
 */
export async function chooseTarget(name: string): Promise<Target> {
  const suggestedName = shownName(name);
  if (!window.showSaveFilePicker) return (...given) => collect(suggestedName, ...given);
  const handle = await window.showSaveFilePicker({ suggestedName });
  return async (stream, size, signal, report) => {
    try {
      const file = await handle.createWritable();
      await stream.pipeThrough(counting(size, report)).pipeTo(file, { signal });
    } catch (error) {
      // The dialog has made an empty file where there was none.
      if ((await handle.getFile()).size === 0) await handle.remove?.();
      throw error;
    }
  };
}

async function collect(
  name: string,
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  const through = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const piped = stream.pipeThrough(counting(size, report)).pipeTo(through.writable, { signal });
  const [blob] = await Promise.all([new Response(through.readable).blob(), piped]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), URL_LIFE_MS);
}

function counting(size: number, report: Report): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let done = 0;
  return new TransformStream({
    transform(chunk, controller) {
      report((done += chunk.length), size);
      controller.enqueue(chunk);
    },
  });
}
