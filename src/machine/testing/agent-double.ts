import { FRAME_HEADER_SIZE, FromAgent, INITIAL_CREDIT, PROTOCOL_VERSION, ToAgent } from "../agent-protocol.js";

/** A frame that the machine sent. */
export interface SentFrame {
  readonly type: number;
  readonly process: number;
  readonly payload: Uint8Array;
}

/** The guest's side of the agent protocol, for tests: keeps what it was sent, says what it is told to. */
export class AgentDouble {
  readonly sent: SentFrame[] = [];
  /** Called with each frame after it was kept. */
  onFrame: (frame: SentFrame) => void = () => undefined;
  #receive: (bytes: Uint8Array) => void = () => undefined;

  /** To be given to the connection as its `send`. */
  readonly send = (bytes: Uint8Array): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const frame = {
      type: view.getUint32(0, true),
      process: view.getUint32(4, true),
      payload: bytes.slice(FRAME_HEADER_SIZE, FRAME_HEADER_SIZE + view.getUint32(8, true)),
    };
    this.sent.push(frame);
    this.onFrame(frame);
  };

  connect(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
  }

  hello(version: number = PROTOCOL_VERSION): void {
    this.say(FromAgent.HELLO, 0, word(version));
  }

  say(type: number, process: number, payload: Uint8Array): void {
    this.#receive(encodeFrame(type, process, payload));
  }

  /** Plays a program that writes `total` bytes to standard output as fast as its credit lets it, then exits. */
  floods(total: number, chunk: Uint8Array): void {
    this.onFrame = ({ type, process, payload }) => {
      if (type === ToAgent.START) {
        this.say(FromAgent.STARTED, process, word(42));
        run(process, INITIAL_CREDIT);
      } else if (type === ToAgent.CREDIT) {
        const [stream, bytes] = new Uint32Array(payload.buffer) as unknown as [number, number];
        if (stream === 1) run(process, bytes);
      }
    };
    let left = total;
    let credit = 0;
    const run = (process: number, more: number): void => {
      credit += more;
      while (left > 0 && credit > 0) {
        const bytes = chunk.subarray(0, Math.min(left, credit, chunk.length));
        left -= bytes.length;
        credit -= bytes.length;
        this.say(FromAgent.OUTPUT, process, bytes);
      }
      if (left === 0) {
        left = -1;
        this.say(FromAgent.EXIT, process, word(0));
      }
    };
  }
}

export function encodeFrame(type: number, process: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_SIZE + payload.length);
  bytes.set(word(type));
  bytes.set(word(process), 4);
  bytes.set(word(payload.length), 8);
  bytes.set(payload, FRAME_HEADER_SIZE);
  return bytes;
}

export function word(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}
