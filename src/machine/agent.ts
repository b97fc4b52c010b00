import { encodeName, isEncodable } from "../posix/name.js";
import {
  CAN_UPLOAD,
  FRAME_HEADER_SIZE,
  FromAgent,
  MAXIMUM_PAYLOAD,
  PROTOCOL_VERSION,
  SEED_SIZE,
  START_HEADER_SIZE,
  START_SHARE,
  START_TERMINAL,
  START_UPLOAD,
  ToAgent,
} from "./agent-protocol.js";
import { Deferred } from "./deferred.js";

/** What to run in the guest. */
export interface AgentCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** "NAME=value", added to nothing: the whole environment. */
  readonly environment: readonly string[];
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** It mounts a share: see `START_SHARE`. */
  readonly mounts?: boolean;
  /** It puts files into a share: see `START_UPLOAD`. */
  readonly uploads?: boolean;
}

/** What a process tells of itself, in the order in which it happens. */
export interface AgentListener {
  started(pid: number): void;
  /** The bytes are the listener's own. */
  output(stream: 1 | 2, bytes: Uint8Array<ArrayBuffer>): void;
  /** That many more bytes of standard input may be sent. */
  inputCredit(bytes: number): void;
  /** Last: the wait status of wait(2), or −errno where it could not start. */
  exited(status: number): void;
}

/** The sending side of a process: relays, buffers nothing. Credit is kept by whoever holds the other end. */
export interface AgentProcess {
  /** At most the bytes that were credited. */
  input(bytes: Uint8Array): void;
  endInput(): void;
  credit(stream: 1 | 2, bytes: number): void;
  signal(signal: number): void;
  resize(columns: number, rows: number): void;
}

/** How far a connection is: while it is suspended and the guest stands still, another can go on from there. */
export interface AgentConnectionState {
  /** The number of the next process. */
  next: number;
  /** The beginning of a frame of the agent's. */
  pending: Uint8Array;
  /** Frames for an agent that is not there yet, or is being started again, or suspended; undefined while one takes them. */
  waiting: Uint8Array[] | undefined;
}

/** The machine's side of the agent protocol, over any pair of byte streams. */
export class AgentConnection {
  /** Resolves at the agent's HELLO. */
  readonly ready: Promise<void>;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #processes = new Map<number, AgentListener>();
  /** That of another is set before anything else; its processes are to be attached. */
  state: AgentConnectionState = { next: 1, pending: new Uint8Array(0), waiting: [] };
  #abilities = 0;
  #clockSet: Deferred<void> | undefined;
  #hello!: () => void;
  #refuse!: (error: Error) => void;

  /** `send` takes bytes for the guest, in order, and never refuses. */
  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
    this.ready = new Promise((resolve, reject) => {
      this.#hello = resolve;
      this.#refuse = reject;
    });
    this.ready.catch(() => undefined); // Whoever awaits it hears of it; nobody may be waiting yet.
  }

  /** An agent is there and has greeted. */
  get connected(): boolean {
    return this.state.waiting === undefined;
  }

  /** It is connected, and takes commands that upload. */
  get canUpload(): boolean {
    return this.connected && (this.#abilities & CAN_UPLOAD) !== 0;
  }

  /** While there is no agent the command waits for the next one. */
  start(command: AgentCommand, listener: AgentListener): AgentProcess {
    const process = this.state.next++;
    const sender = this.attach(process, listener);
    this.#frame(ToAgent.START, process, encodeStart(command));
    return sender;
  }

  /** Connects a process of that number, which the agent has already or is about to get. */
  attach(process: number, listener: AgentListener): AgentProcess {
    this.#processes.set(process, listener);
    return {
      input: (bytes) => {
        for (let at = 0; at < bytes.length; at += MAXIMUM_PAYLOAD) {
          this.#frame(ToAgent.INPUT, process, bytes.subarray(at, at + MAXIMUM_PAYLOAD));
        }
      },
      endInput: () => this.#frame(ToAgent.INPUT, process, new Uint8Array(0)),
      credit: (stream, bytes) => this.#frame(ToAgent.CREDIT, process, words(stream, bytes)),
      signal: (signal) => this.#frame(ToAgent.SIGNAL, process, words(signal)),
      resize: (columns, rows) =>
        this.#frame(ToAgent.RESIZE, process, new Uint8Array(new Uint16Array([columns, rows]).buffer)),
    };
  }

  /** The frames that wait go out, and others at once. */
  goOn(): void {
    const { waiting = [] } = this.state;
    this.state.waiting = undefined;
    for (const bytes of waiting) this.#send(bytes);
  }

  /** Gives the guest the time, and new randomness. Resolves when it has them. One that was restored from a snapshot waits for that. */
  setClock(): Promise<void> {
    const now = Date.now();
    const payload = new Uint8Array(RESUME_HEADER_SIZE + SEED_SIZE);
    const view = new DataView(payload.buffer);
    view.setBigUint64(0, BigInt(Math.floor(now / 1000)), true);
    view.setUint32(8, (now % 1000) * 1_000_000, true);
    crypto.getRandomValues(payload.subarray(RESUME_HEADER_SIZE));
    this.#send(frame(ToAgent.RESUME, 0, payload));
    this.#clockSet ??= new Deferred();
    return this.#clockSet.promise;
  }

  /** Bytes from the guest, in any cut. */
  receive(bytes: Uint8Array): void {
    let data = bytes;
    if (this.state.pending.length > 0) {
      data = new Uint8Array(this.state.pending.length + bytes.length);
      data.set(this.state.pending);
      data.set(bytes, this.state.pending.length);
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    let at = 0;
    while (at + FRAME_HEADER_SIZE <= data.length) {
      const length = view.getUint32(at + 8, true);
      if (length > MAXIMUM_PAYLOAD) return this.close(new Error("The guest's agent sent a frame that is too long."));
      const end = at + FRAME_HEADER_SIZE + length;
      if (end > data.length) break;
      this.#received(view.getUint32(at, true), view.getUint32(at + 4, true), data.slice(at + FRAME_HEADER_SIZE, end));
      at = end;
    }
    this.state.pending = data.slice(at);
  }

  /** The agent is gone (it was restarted, or the machine stopped): every process ends as if killed. */
  close(error: Error): void {
    this.#refuse(error);
    this.#clockSet?.reject(error);
    this.#clockSet = undefined;
    const listeners = [...this.#processes.values()];
    this.#processes.clear();
    this.state.pending = new Uint8Array(0);
    this.state.waiting = [];
    for (const listener of listeners) listener.exited(SIGKILL);
  }

  #received(type: number, process: number, payload: Uint8Array<ArrayBuffer>): void {
    const word = payload.length >= 4 ? new DataView(payload.buffer).getInt32(0, true) : 0;
    if (type === FromAgent.HELLO) {
      this.#abilities = payload.length >= 8 ? new DataView(payload.buffer).getUint32(4, true) : 0;
      return this.#greeted(word);
    }
    const listener = this.#processes.get(process);
    if (!listener) return;
    if (type === FromAgent.STARTED) listener.started(word);
    else if (type === FromAgent.OUTPUT) listener.output(1, payload);
    else if (type === FromAgent.ERROR) listener.output(2, payload);
    else if (type === FromAgent.CREDIT) listener.inputCredit(word);
    else if (type === FromAgent.EXIT) {
      this.#processes.delete(process);
      listener.exited(word);
    }
  }

  #greeted(version: number): void {
    if (version !== PROTOCOL_VERSION) {
      return this.close(new Error(`The guest's agent speaks protocol ${version}, this machine ${PROTOCOL_VERSION}.`));
    }
    this.goOn();
    this.#hello();
    this.#clockSet?.resolve();
    this.#clockSet = undefined;
  }

  #frame(type: number, process: number, payload: Uint8Array): void {
    const bytes = frame(type, process, payload);
    if (this.state.waiting) this.state.waiting.push(bytes);
    else this.#send(bytes);
  }
}

const SIGKILL = 9;
/** What stands before the random bytes in RESUME. */
const RESUME_HEADER_SIZE = 12;

function frame(type: number, process: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_SIZE + payload.length);
  bytes.set(words(type, process, payload.length));
  bytes.set(payload, FRAME_HEADER_SIZE);
  return bytes;
}

function encodeStart(command: AgentCommand): Uint8Array {
  const strings = [command.cwd, ...command.argv, ...command.environment];
  if (strings.some((string) => string.includes("\0"))) throw new TypeError("A command cannot contain a NUL character.");
  const text = encodeText(strings.map((string) => `${string}\0`).join(""));
  if (START_HEADER_SIZE + text.length > MAXIMUM_PAYLOAD) {
    throw new RangeError(
      `The command and its environment are longer than ${MAXIMUM_PAYLOAD - START_HEADER_SIZE} bytes.`,
    );
  }
  const payload = new Uint8Array(START_HEADER_SIZE + text.length);
  const view = new DataView(payload.buffer);
  const flags = [command.terminal && START_TERMINAL, command.mounts && START_SHARE, command.uploads && START_UPLOAD];
  view.setUint32(
    0,
    flags.reduce<number>((all, flag) => all | (flag || 0), 0),
    true,
  );
  view.setUint16(4, command.terminal?.columns ?? 0, true);
  view.setUint16(6, command.terminal?.rows ?? 0, true);
  view.setUint32(8, command.argv.length, true);
  view.setUint32(12, command.environment.length, true);
  payload.set(text, START_HEADER_SIZE);
  return payload;
}

/** Names of files may have bytes that are not UTF-8 (`posix/name.ts`). */
function encodeText(text: string): Uint8Array {
  return isEncodable(text) ? encodeName(text) : new TextEncoder().encode(text);
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value, true));
  return bytes;
}
