import type { Terminal } from "@xterm/xterm";
import type { Console } from "../../client/index.js";

/**
 * Bytes given to xterm.js and not parsed yet before the page stops reading. xterm.js parses 5 to 35 MB/s: what is under way
 * when somebody presses Ctrl-C is shown within about 25 ms, and a large `cat` waits in the guest instead of in memory.
 */
const HIGH_WATER_BYTES = 128 * 1024;

/** Shows what the console prints, at the pace of the terminal. Resolves when the console ends, however it ends. */
export async function showOutput(readable: ReadableStream<Uint8Array>, terminal: Terminal): Promise<void> {
  const reader = readable.getReader();
  let unparsed = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      unparsed += value.length;
      const parsed = new Promise<void>((resolve) => {
        terminal.write(value, () => {
          unparsed -= value.length;
          resolve();
        });
      });
      // Chunks are parsed in order: with this one, all before it are done.
      if (unparsed > HIGH_WATER_BYTES) await parsed;
    }
  } catch (error) {
    // The machine's "status" event says why, and what to do.
    console.debug("The console ended:", error);
  } finally {
    reader.releaseLock();
  }
}

/** Sends what is typed, pasted or clicked to the console until `signal` aborts. */
export function sendInput(
  terminal: Terminal,
  { writable }: Console,
  filter: (text: string) => string,
  signal: AbortSignal,
): void {
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const send = (bytes: Uint8Array): void => {
    writer.write(bytes).catch((error: unknown) => console.debug("Input after the console's end:", error));
  };
  const listeners = [
    terminal.onData((text) => send(encoder.encode(filter(text)))),
    // Mouse reports of the old encoding: one byte a character, not UTF-8.
    terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0)))),
  ];
  signal.addEventListener("abort", () => {
    for (const listener of listeners) listener.dispose();
    writer.releaseLock();
  });
}
