import type { DriverDouble } from "../../virtio/testing/driver-double.js";
import * as fuse from "../fuse.js";
import type { FuseMessage } from "../message.js";
import { KernelDouble } from "./kernel-double.js";

const HIPRIO = 0;
const REQUESTS = 1;

/** Carries the requests of a kernel double over the rings of a virtio-fs device, as Linux's driver does. */
export class RingWire {
  /** Requests that were sent and not reaped, by the index of their first descriptor. */
  readonly #sent = new Map<number, { message: FuseMessage; reply: number }>();
  #next = 0;

  constructor(private readonly driver: DriverDouble) {}

  kernel(): KernelDouble {
    return new KernelDouble(this);
  }

  handle(message: FuseMessage): void {
    const request = new Uint8Array(message.readableLength);
    message.copyIn(0, request);
    const { opcode } = fuse.fuse_in_header.decode(request);
    if (opcode === fuse.FUSE_FORGET) {
      this.driver.queues[HIPRIO]!.send(request);
      message.complete(0);
      return;
    }
    const queue = this.driver.queues[REQUESTS]!;
    const [, reply] = queue.add(request, { room: message.writableLength });
    this.#sent.set(this.#next, { message, reply: reply! });
    this.#next = (this.#next + 2) % queue.size;
    queue.kick();
    this.reap();
  }

  /** Takes what the device has used. */
  reap(): void {
    for (const { id, len } of this.driver.queues[REQUESTS]!.reap()) {
      const { message, reply } = this.#sent.get(id)!;
      this.#sent.delete(id);
      message.copyOut(0, this.driver.ram.view(reply, len).slice());
      message.complete(len);
    }
  }
}
