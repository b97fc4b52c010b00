import { MachineError } from "../machine/machine-error.js";
import { connect } from "./connect.js";
import { EmbeddedMachine } from "./embedded-machine.js";
import { FrameConnection } from "./frame-connection.js";
import type { Progress } from "../client/types.js";

export { EmbeddedMachine } from "./embedded-machine.js";
export type { EmbedSource } from "./embedded-machine.js";

/** How long a frame is waited for. */
export interface EmbedOptions {
  /** Milliseconds in which the frame must answer: first of all, and whenever it is asked whether it is still there. Default 30,000. */
  readonly timeout?: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /** Called with each step of the frame's machine until it is ready. */
  readonly onProgress?: (progress: Progress) => void;
}

const TIMEOUT_MS = 30_000;

/**
 * The machine in a frame that shows `embed.html`, whatever its origin: the frame must allow this page's, by `allow=ORIGIN` in its
 * address. Starts the machine, and resolves when its shell is ready. Rejects with a `MachineError`.
 */
export async function embed(iframe: HTMLIFrameElement, options: EmbedOptions = {}): Promise<EmbeddedMachine> {
  const { timeout = TIMEOUT_MS, signal, onProgress = () => {} } = options;
  const port = await connect(iframe, timeout, signal);
  const frame = new FrameConnection(iframe, port, timeout);
  const abort = (): void => frame.end(new MachineError("stopped", "Nobody waits for the frame any longer."));
  signal?.addEventListener("abort", abort);
  try {
    return await EmbeddedMachine.start(frame, onProgress);
  } catch (error) {
    const reason = MachineError.from(error);
    frame.end(reason);
    throw reason;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
