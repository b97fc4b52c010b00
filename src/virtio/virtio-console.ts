import type { Awaitable } from "../posix/awaitable.js";
import { isPromise } from "../posix/awaitable.js";
import { encodeName } from "../posix/name.js";
import { ConsoleControl } from "./console-control.js";
import type { DescriptorChain } from "./descriptor-chain.js";
import type { VirtioDevice } from "./device.js";
import { InputQueue } from "./input-queue.js";
import * as spec from "./spec.js";
import type { Virtqueue } from "./virtqueue.js";

const RECEIVEQ = 0;
const TRANSMITQ = 1;
const CONTROL_RECEIVEQ = 2;
const CONTROL_TRANSMITQ = 3;
/** Linux fills receiveq and control receiveq with buffers of a page each, and holds up to 32 KiB for each entry of transmitq. */
const QUEUE_SIZES = [32, 32, 16, 16];
/** Most bytes handed to `receive` at once. */
const OUTPUT_CHUNK = 64 * 1024;

export interface VirtioConsoleOptions {
  /** Name of the port: Linux shows it in `/sys/class/virtio-ports/vport0p0/name`. "agent" when missing. */
  readonly port?: string;
  /**
   * Takes what the guest wrote; the bytes are the receiver's own. While a promise that it returned is pending the receiver
   * counts as full: the guest's writes wait. Must not throw or reject.
   */
  readonly receive: (bytes: Uint8Array<ArrayBuffer>) => Awaitable<void>;
  /** A process of the guest opened or closed the port. */
  readonly opened?: (open: boolean) => void;
}

/** A console device (§5.3) with one generic port: a stream of bytes each way between a process of the guest and us. */
export class VirtioConsole implements VirtioDevice {
  readonly name: string;
  readonly deviceId = spec.VIRTIO_ID_CONSOLE;
  /** Simple communication controller, other. */
  readonly pciClass = { base_class: 0x07, sub_class: 0x80 };
  readonly features = [spec.VIRTIO_CONSOLE_F_MULTIPORT];
  readonly queueSizes = QUEUE_SIZES;
  readonly config = spec.VIRTIO_CONSOLE_CONFIG.encode({ max_nr_ports: 1 });
  readonly #control: ConsoleControl;
  readonly #input = new InputQueue();
  #queues: readonly (Virtqueue | undefined)[] = [];
  #open = false;
  #receiverFull = false;
  /** A transmitted chain longer than a chunk, and how much of it was handed over. */
  #partial: { chain: DescriptorChain; offset: number } | undefined;

  constructor(private readonly options: VirtioConsoleOptions) {
    const port = options.port ?? "agent";
    this.name = `virtio-console ${port}`;
    this.#control = new ConsoleControl(encodeName(port), (open) => this.#setOpen(open));
  }

  /** True while a process of the guest has the port open. */
  get open(): boolean {
    return this.#open;
  }

  /** Bytes that were sent and that the guest has not yet offered buffers for. */
  get pending(): number {
    return this.#input.pending;
  }

  /**
   * Sends bytes to the guest, in order; they must stay as they are until taken. Ends when the guest has them, or has closed the
   * port: bytes sent to a closed port go nowhere.
   */
  send(bytes: Uint8Array): Awaitable<void> {
    if (!this.#open) return;
    this.#input.push(bytes);
    this.#feed();
    return this.#input.taken();
  }

  ready(queues: readonly (Virtqueue | undefined)[], features: ReadonlySet<number>): void {
    this.#queues = queues;
    // Without MULTIPORT there is nobody to say that the port is open: it always is (§5.3.2).
    if (!features.has(spec.VIRTIO_CONSOLE_F_MULTIPORT)) this.#setOpen(true);
  }

  notify(queueIndex: number): void {
    if (queueIndex === RECEIVEQ) this.#feed();
    if (queueIndex === TRANSMITQ) this.#transmit();
    if (queueIndex === CONTROL_TRANSMITQ) this.#queues[CONTROL_TRANSMITQ]?.drain((chain) => this.#control.take(chain));
    if (queueIndex === CONTROL_TRANSMITQ || queueIndex === CONTROL_RECEIVEQ) {
      this.#queues[CONTROL_RECEIVEQ]?.drain(
        (chain) => this.#control.fill(chain),
        () => this.#control.pending,
      );
    }
  }

  save(): { readonly open: boolean } {
    if (this.#input.pending > 0 || this.#partial || this.#control.pending) throw new Error("the console is not idle");
    return { open: this.#open };
  }

  restore(state: unknown): void {
    this.#setOpen((state as ReturnType<this["save"]>).open);
  }

  reset(): void {
    this.#queues = [];
    this.#partial = undefined;
    this.#control.reset();
    this.#setOpen(false);
  }

  #setOpen(open: boolean): void {
    if (this.#open === open) return;
    this.#open = open;
    // What the process that left did not read is not for the next one.
    if (!open) this.#input.clear();
    this.options.opened?.(open);
  }

  #feed(): void {
    this.#queues[RECEIVEQ]?.drain(
      (chain) => this.#input.fill(chain),
      () => this.#input.pending > 0,
    );
  }

  #transmit(): void {
    if (this.#partial !== undefined && !this.#receiverFull) this.#handOver(this.#partial.chain, this.#partial.offset);
    this.#queues[TRANSMITQ]?.drain(
      (chain) => this.#handOver(chain, 0),
      () => !this.#receiverFull && this.#partial === undefined,
    );
  }

  /** Hands the chain's bytes from `offset` on to the receiver, as many as it takes now. */
  #handOver(chain: DescriptorChain, offset: number): void {
    this.#partial = undefined;
    for (let from = offset; from < chain.readableLength; from += OUTPUT_CHUNK) {
      if (this.#receiverFull) {
        this.#partial = { chain, offset: from };
        return;
      }
      const bytes = new Uint8Array(Math.min(OUTPUT_CHUNK, chain.readableLength - from));
      chain.copyIn(from, bytes);
      const taken = this.options.receive(bytes);
      if (isPromise(taken)) this.#waitFor(taken);
    }
    chain.complete(0);
  }

  #waitFor(taken: Promise<void>): void {
    this.#receiverFull = true;
    void taken.finally(() => {
      this.#receiverFull = false;
      this.#transmit();
    });
  }
}
