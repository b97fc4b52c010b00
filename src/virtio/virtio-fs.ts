import { encodeName, isText } from "../posix/name.js";
import type { DescriptorChain } from "./descriptor-chain.js";
import type { VirtioDevice } from "./device.js";
import * as spec from "./spec.js";
import type { Virtqueue } from "./virtqueue.js";

const HIPRIO = 0;
const REQUESTS = 1;
/**
 * Linux takes the largest size offered: 26 KiB of its memory for 1024. Below 512 it makes requests shorter than 1 MiB, even
 * with indirect descriptors; hiprio only carries FORGET.
 */
const QUEUE_SIZES = [128, 1024];

/** What serves the requests of a file system device: a FUSE server. */
export interface RequestHandler {
  /** Completes the chain, now or later, exactly once; must not throw. */
  handle(chain: DescriptorChain): void;
}

export interface VirtioFsOptions {
  /** What `mount -t virtiofs TAG DIR` names: 1 to 36 bytes of UTF-8, no newline, no NUL. */
  readonly tag: string;
  readonly handler: RequestHandler;
  /** The driver reset the device: every request that is out is void. */
  readonly reset?: () => void;
  /** What a snapshot of the guest needs of the handler. Missing: after a restore the guest has to mount again. */
  readonly snapshots?: HandlerSnapshots;
}

/** A handler that can go on from a snapshot of the guest. */
export interface HandlerSnapshots {
  /** Ends when every request is completed and `save` has all that it gives. */
  suspend(): Promise<void>;
  /** Plain JSON. */
  save(): unknown;
  /** Requests come when it has ended. Must not fail. */
  resume(state: unknown): Promise<void>;
}

/** A file system device (§5.11) with one request queue: the guest has one processor. */
export class VirtioFs implements VirtioDevice {
  readonly name: string;
  readonly deviceId = spec.VIRTIO_ID_FS;
  /** Mass storage controller, other. */
  readonly pciClass = { base_class: 0x01, sub_class: 0x80 };
  readonly features = [];
  readonly queueSizes = QUEUE_SIZES;
  readonly config: Uint8Array;
  /** As `VirtioFsOptions.snapshots`; may be set until the guest is suspended or restored. */
  snapshots: HandlerSnapshots | undefined;
  #queues: readonly (Virtqueue | undefined)[] = [];
  #notifications = 0;
  /** What is under way of going on from a snapshot. */
  #resuming: Promise<void> | undefined;

  /** Throws TypeError for a tag that no driver would take. */
  constructor(private readonly options: VirtioFsOptions) {
    this.name = `virtio-fs ${options.tag}`;
    this.snapshots = options.snapshots;
    this.config = spec.VIRTIO_FS_CONFIG.encode({ tag: encodeTag(options.tag), num_request_queues: 1 });
  }

  /** How often the driver said that there are requests. */
  get notifications(): number {
    return this.#notifications;
  }

  ready(queues: readonly (Virtqueue | undefined)[]): void {
    this.#queues = queues;
  }

  /** hiprio first, and never behind a request (§5.11.6.2). */
  notify(queueIndex: number): void {
    this.#notifications++;
    if (this.#resuming === undefined) this.#drain(queueIndex);
  }

  async suspend(): Promise<void> {
    await this.#resuming;
    await this.snapshots?.suspend();
  }

  save(): unknown {
    return this.snapshots?.save() ?? null;
  }

  restore(state: unknown): void {
    const resuming = this.snapshots?.resume(state).finally(() => {
      if (this.#resuming !== resuming) return;
      this.#resuming = undefined;
      this.#drain(REQUESTS);
    });
    this.#resuming = resuming;
  }

  reset(): void {
    this.#queues = [];
    this.#resuming = undefined;
    this.options.reset?.();
  }

  #drain(queueIndex: number): void {
    this.#queues[HIPRIO]?.drain(this.#serve);
    if (queueIndex === REQUESTS) this.#queues[REQUESTS]?.drain(this.#serve);
  }

  readonly #serve = (chain: DescriptorChain): void => this.options.handler.handle(chain);
}

function encodeTag(tag: string): Uint8Array {
  const shown = JSON.stringify(tag);
  if (!isText(tag)) throw new TypeError(`The tag ${shown} is not text.`);
  if (/[\n\0]/.test(tag)) throw new TypeError(`The tag ${shown} has a newline or a NUL in it.`);
  const bytes = encodeName(tag);
  const maximum = spec.VIRTIO_FS_TAG_SIZE;
  if (bytes.length < 1 || bytes.length > maximum) {
    throw new TypeError(`The tag ${shown} is ${bytes.length} bytes long; it must be 1 to ${maximum}.`);
  }
  return bytes;
}
