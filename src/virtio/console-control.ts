import type { DescriptorChain } from "./descriptor-chain.js";
import { DriverError } from "./driver-error.js";
import * as spec from "./spec.js";

const PORT = 0;

type Message =
  typeof spec.VIRTIO_CONSOLE_DEVICE_ADD | typeof spec.VIRTIO_CONSOLE_PORT_NAME | typeof spec.VIRTIO_CONSOLE_PORT_OPEN;

/**
 * The control messages of a console device with one port (§5.3.6.2):
 *
 * ```
 *   driver → DEVICE_READY   device → DEVICE_ADD            port 0 appears
 *   driver → PORT_READY     device → PORT_NAME, PORT_OPEN  it has a name, and we are there
 *   driver → PORT_OPEN                                     a process of the guest came, or left
 * ```
 */
export class ConsoleControl {
  /** Messages for the driver, each at most once: a driver that repeats itself without listening costs nothing. */
  readonly #pending = new Set<Message>();

  constructor(
    private readonly portName: Uint8Array,
    private readonly opened: (open: boolean) => void,
  ) {}

  get pending(): boolean {
    return this.#pending.size > 0;
  }

  reset(): void {
    this.#pending.clear();
  }

  /** Takes a message of the driver. */
  take(chain: DescriptorChain): void {
    const bytes = new Uint8Array(spec.VIRTIO_CONSOLE_CONTROL.size);
    const complete = chain.copyIn(0, bytes) === bytes.length;
    chain.complete(0);
    if (!complete) throw new DriverError(`console control message of ${chain.readableLength} bytes`);
    const { id, event, value } = spec.VIRTIO_CONSOLE_CONTROL.decode(bytes);
    if (event === spec.VIRTIO_CONSOLE_DEVICE_READY) {
      if (value === 1) this.#pending.add(spec.VIRTIO_CONSOLE_DEVICE_ADD);
    } else if (id === PORT && event === spec.VIRTIO_CONSOLE_PORT_READY) {
      if (value === 1) this.#pending.add(spec.VIRTIO_CONSOLE_PORT_NAME).add(spec.VIRTIO_CONSOLE_PORT_OPEN);
    } else if (id === PORT && event === spec.VIRTIO_CONSOLE_PORT_OPEN) {
      this.opened(value === 1);
    }
  }

  /** Puts the next pending message into a buffer of the driver. */
  fill(chain: DescriptorChain): void {
    const [event] = this.#pending;
    if (event === undefined) return;
    this.#pending.delete(event);
    const control = spec.VIRTIO_CONSOLE_CONTROL.encode({ id: PORT, event, value: 1 });
    const extra = event === spec.VIRTIO_CONSOLE_PORT_NAME ? this.portName : new Uint8Array(0);
    if (control.length + extra.length > chain.writableLength) {
      throw new DriverError(`console control buffer of ${chain.writableLength} bytes`);
    }
    chain.copyOut(0, control);
    chain.copyOut(control.length, extra);
    chain.complete(control.length + extra.length);
  }
}
