/**
 * What the page and the Worker say over the MessagePort of one process. Credit is end to end: the page grants what its reader
 * took, the guest's agent what the process read, and nothing between them buffers.
 */
export type ToProcess =
  | { readonly type: "input"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "end" }
  | { readonly type: "credit"; readonly stream: 1 | 2; readonly bytes: number }
  | { readonly type: "signal"; readonly signal: number }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number };

export type FromProcess =
  | { readonly type: "started"; readonly pid: number }
  | { readonly type: "output"; readonly stream: 1 | 2; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Negative, before "started", for a process that goes on and has not read all that it was sent. */
  | { readonly type: "credit"; readonly bytes: number }
  /** Wait status of wait(2), or −errno where the process could not start. The port is closed after it. */
  | { readonly type: "exit"; readonly status: number };
