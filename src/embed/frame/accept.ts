import { KEY, type WindowMessage, isObject } from "../protocol.js";
import type { Frame } from "./frame.js";

/** A page that tries again and again gets no more. */
const MOST_CONNECTIONS = 8;

/**
 * Takes the port of a page around this one whose origin is allowed, by the frame's address or by `<meta name="embed-allow"
 * content="ORIGIN …">` in the page. Another is refused in words; nothing is ever posted to "*".
 */
export function acceptPages(allowedByAddress: readonly string[], frame: Frame): void {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="embed-allow"]')?.content ?? "";
  const allowed = new Set([...allowedByAddress, ...meta.split(/\s+/).filter((origin) => origin !== "")]);
  let connections = 0;
  addEventListener("message", ({ data, source, origin, ports: [port] }: MessageEvent<unknown>) => {
    if (source === null || source !== parent || parent === window) return;
    if (!isObject(data) || data[KEY] !== "connect" || !port) return;
    const post = (message: WindowMessage): void => parent.postMessage({ [KEY]: message }, origin);
    if (!allowed.has(origin)) {
      frame.tell(`${origin} asked to control this machine and was refused.`);
      // An opaque origin cannot be answered without telling everybody.
      if (origin !== "null") post({ refused: `it does not allow ${origin}: add allow=${origin} to its address` });
    } else if (connections === MOST_CONNECTIONS) {
      post({ refused: "this page has connected too often" });
    } else {
      connections++;
      void import("./control.js").then(({ serveCalls }) => serveCalls(port, frame));
    }
  });
  if (parent === window) return;
  for (const origin of allowed) parent.postMessage({ [KEY]: "ready" satisfies WindowMessage }, origin);
}
