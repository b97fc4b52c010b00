import { MachineError, type Share, type StatusEvent, type VirtualMachine } from "../../client/index.js";
import type { Progress, ShareState, SpawnOptions } from "../../client/index.js";
import type { FrameCalls, FromFrame } from "../protocol.js";
import { type FrameCall, readCall } from "./checks.js";
import type { Frame } from "./frame.js";
import { relayProcess } from "./relay-process.js";
import { Streams } from "./streams.js";

/** Calls of a page that wait at once. */
const MOST_WAITING = 256;

/** Answers the calls that a page makes over `port`, until the frame ends. Every call is answered once. */
export function serveCalls(port: MessagePort, frame: Frame): void {
  const control = new Control(port, frame);
  port.onmessage = ({ data }: MessageEvent<unknown>) => control.received(data);
  control.post({ type: "accepted" });
  addEventListener("pagehide", () =>
    control.post({ type: "status", status: "failed", message: "The frame was removed, or shows another page." }),
  );
}

class Control {
  readonly #streams = new Streams();
  #machine: VirtualMachine | undefined;
  #waiting = 0;
  #phase = "";
  #told = 0;

  constructor(
    private readonly port: MessagePort,
    private readonly frame: Frame,
  ) {}

  post(message: FromFrame, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }

  received(data: unknown): void {
    if (typeof data === "object" && data !== null && "type" in data && data.type === "ping") {
      return this.post({ type: "pong" });
    }
    const call = readCall(data);
    if (!call) return console.debug("A message that is no call was left out.");
    if ("problem" in call) return this.#fail(call.id, new MachineError("not-allowed", call.problem));
    if (this.#waiting === MOST_WAITING) {
      return this.#fail(call.id, new MachineError("busy", `${MOST_WAITING} calls wait for an answer already.`));
    }
    void this.#answer(call);
  }

  async #answer({ id, call, parameters }: FrameCall): Promise<void> {
    this.#waiting++;
    try {
      const perform = this.#calls[call] as (...all: readonly unknown[]) => unknown;
      this.post({ type: "result", id, value: await perform(...parameters) });
    } catch (error) {
      this.#fail(id, MachineError.from(error));
    } finally {
      this.#waiting--;
    }
  }

  /** A page is told twenty times a second: chunks of a download come much more often. */
  #progress(progress: Progress): void {
    const { phase, loaded, total } = progress;
    const now = performance.now();
    if (phase === this.#phase && loaded !== total && now - this.#told < 50) return;
    this.#phase = phase;
    this.#told = now;
    this.post({ type: "progress", progress });
  }

  #fail(id: number, { code, message }: MachineError): void {
    this.post({ type: "error", id, code, message });
  }

  readonly #calls: { [K in keyof FrameCalls]: (...all: Parameters<FrameCalls[K]>) => unknown } = {
    start: async () => {
      this.frame.onProgress = (progress) => this.#progress(progress);
      this.#machine = await this.frame.start();
      this.#observe(this.#machine);
      return this.#machine.shares.map(stateOf);
    },
    spawn: (command, options, port) =>
      relayProcess((signal) => this.#running.spawn(command, { ...(options as SpawnOptions), signal }), port),
    share: async (source, options) => stateOf(await this.#running.share(source, options)),
    flush: (tag) => this.#share(tag).flush(),
    remove: (tag) => this.#share(tag).remove(),
    changes: (tag) => this.#share(tag).changes(),
    readChange: (tag, path, side, offset, length) => this.#streams.part(this.#share(tag), path, side, offset, length),
    apply: (tag, paths) => this.#share(tag).apply(paths),
    discard: (tag, paths) => this.#share(tag).discard(paths),
    list: (tag, path) => this.#share(tag).list(path),
    unsaved: (tag) => this.#share(tag).unsaved(),
    statistics: (tag) => this.#share(tag).statistics(),
    makeDirectory: (tag, path) => this.#share(tag).makeDirectory(path),
    write: (tag, path, content, replace) => this.#share(tag).write(path, content, { replace }),
    read: async (tag, path) => {
      const { stream, size, modified } = await this.#share(tag).read(path);
      return { stream: this.#streams.add(stream), size, modified };
    },
    zip: async (tag, path) => ({ stream: this.#streams.add(await this.#share(tag).zip(path)) }),
    next: (stream) => this.#streams.next(stream),
    cancel: (stream) => this.#streams.cancel(stream),
    stop: () => this.#running.stop(),
  };

  get #running(): VirtualMachine {
    if (!this.#machine) throw new MachineError("stopped", "The machine is not running.");
    return this.#machine;
  }

  #share(tag: string): Share {
    const share = this.#running.shares.find((one) => one.tag === tag);
    if (!share) throw new MachineError("bad-tag", `There is no share with the tag “${tag}”.`);
    return share;
  }

  #observe(machine: VirtualMachine): void {
    machine.addEventListener("shares", () => this.post({ type: "shares", shares: machine.shares.map(stateOf) }));
    machine.addEventListener("status", (event) => {
      const { status, error } = (event as StatusEvent).detail;
      this.post({ type: "status", status, message: error?.message ?? "The machine was stopped." });
    });
  }
}

/** A share's fields as plain data. */
function stateOf(share: Share): ShareState {
  const { tag, mountPoint, access, kind, name, unsavedBytes, unsavedFiles, status, problem, changeCount } = share;
  return { tag, mountPoint, access, kind, name, unsavedBytes, unsavedFiles, status, problem, changeCount };
}
