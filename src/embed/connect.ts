import { MachineError } from "../machine/machine-error.js";
import { KEY, isObject } from "./protocol.js";

const MOST_PORTS = 16;

/** A port to the frame. It goes to the origin of the frame's address only; what is shown there otherwise gets nothing. */
export async function connect(iframe: HTMLIFrameElement, timeout: number, signal?: AbortSignal): Promise<MessagePort> {
  signal?.throwIfAborted();
  const { origin } = new URL(iframe.src, document.baseURI);
  if (origin === "null") throw new MachineError("bad-source", "The frame has no address of an embed.html.");
  const done = new AbortController();
  const listening = { signal: done.signal };
  const ports: MessagePort[] = [];
  const { promise, resolve, reject } = ends<MessagePort>();
  const ask = (): void => {
    // A frame that says again and again that it is ready gets no more ports.
    if (ports.length === MOST_PORTS) return reject(new MachineError("not-allowed", "The frame asks again and again."));
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isObject(data) && data["type"] === "accepted") resolve(port1);
    };
    iframe.contentWindow?.postMessage({ [KEY]: "connect" }, origin, [port2]);
  };
  addEventListener(
    "message",
    (event: MessageEvent<unknown>) => {
      if (event.source !== iframe.contentWindow || event.origin !== origin || !isObject(event.data)) return;
      const message = event.data[KEY];
      if (message === "ready") ask();
      else if (isObject(message))
        reject(new MachineError("not-allowed", `The frame refused: ${String(message["refused"])}.`));
    },
    listening,
  );
  iframe.addEventListener("load", ask, listening);
  signal?.addEventListener("abort", () => reject(signal.reason as Error), listening);
  const timer = setTimeout(
    () =>
      reject(
        new MachineError(
          "stopped",
          `The frame has not answered in ${timeout / 1000} seconds. It must show embed.html, and a Content-Security-Policy must allow it: frame-src ${origin}.`,
        ),
      ),
    timeout,
  );
  ask();
  try {
    const port = await promise;
    for (const other of ports) if (other !== port) other.close();
    return port;
  } catch (error) {
    for (const port of ports) port.close();
    throw error;
  } finally {
    clearTimeout(timer);
    done.abort();
  }
}

/** `Promise.withResolvers`, which browsers have since 2024. */
function ends<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
