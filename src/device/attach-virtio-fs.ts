import { type AttachedDevice, V86Devices } from "../emulator/v86-devices.js";
import { isReady, type V86Instance } from "../emulator/v86.js";
import type { FileSystem } from "../fs/file-system.js";
import { ServerSnapshots } from "../fuse/server-snapshots.js";
import type { TraceEvent } from "../fuse/server-options.js";
import { DeviceError } from "./device-error.js";
import { type FileSystemDevice, fileSystemDevice } from "./file-system-device.js";
import { type GuestCommands, guestCommands, pciAddress, removeCommand } from "./guest-commands.js";
import { type DeviceStatistics, statisticsOf } from "./statistics.js";

/** What a device is, and what is behind it. */
export interface AttachOptions {
  /** What the guest mounts it by: `mount -t virtiofs TAG DIRECTORY`. 1 to 36 bytes of UTF-8, no newline, no NUL. */
  readonly tag: string;
  /**
   * What the guest sees: of `v86-virtiofs/storage`, or your own. One that can be disposed (`Symbol.asyncDispose`) is disposed by
   * `detach`, unless that is told to keep it.
   */
  readonly fileSystem: FileSystem & Partial<AsyncDisposable>;
  /** Answer everything that modifies with EROFS. Default: false. */
  readonly readOnly?: boolean;
  /** After how many milliseconds a request that the file system has not answered is answered EIO. Default: 120,000. */
  readonly timeout?: number;
  /**
   * Told what nobody waits for: that the guest broke the protocol ("broken"), or a defect of the file system (its own error).
   * Default: `console.error`.
   */
  readonly onError?: (error: unknown) => void;
  /**
   * Told after `restore_state`: paths ("a/b") of what the guest knew and is no longer as it was; it is answered ESTALE. "": the whole
   * mount. Default: a warning on the console.
   */
  readonly onStale?: (paths: readonly string[]) => void;
  /** Called with each request that was answered. */
  readonly tracer?: (event: TraceEvent) => void;
}

/** What becomes of the guest's mount, and of the file system. */
export interface DetachOptions {
  /** Also where the guest's driver has the device: what uses it there waits for ever. Default: false. */
  readonly force?: boolean;
  /** Do not dispose the file system. Default: false. */
  readonly keepFileSystem?: boolean;
}

/** A virtio-fs device on the PCI bus of a `V86`. */
export interface VirtioFsDevice extends AsyncDisposable {
  /** As it was given to `attachVirtioFs`. */
  readonly tag: string;
  /**
   * Resolves when the device is on the bus: at once, or when the emulator gets ready (`emulator-ready`, before the guest runs).
   * Rejects with "unsupported-v86" or "no-slot", which `attachVirtioFs` throws where the emulator is ready already.
   */
  readonly ready: Promise<void>;
  /** As the guest's `lspci -D` has it: "0000:00:04.0". Undefined until it is ready. */
  readonly pciAddress: string | undefined;
  /** The guest ran when the device came: it finds it at `echo 1 > /sys/bus/pci/rescan`. */
  readonly needsRescan: boolean;
  /** A driver of the guest has the device. */
  readonly inUse: boolean;
  /** What to run in the guest. Throws "detached" until it is ready. */
  readonly commands: GuestCommands;
  /** What the device has done since it was made. */
  statistics(): DeviceStatistics;
  /** Ends when the store has everything that the guest has written; rejects with "not-saved". */
  flush(): Promise<void>;
  /**
   * Flushes, takes the device off the bus, and disposes the file system. The guest must have let go of it (`commands.release`) or stand
   * still for good: "in-use" otherwise. Rejects with "not-saved", the device being attached still, unless `force` is set.
   */
  detach(options?: DetachOptions): Promise<void>;
}

/**
 * Attaches a virtio-fs device to an instance of v86's class `V86`, in a page, a Worker or Node. At any time: best right after `new
 * V86(…)`, so that the guest finds it when it boots and `initial_state` can hold it; or while the guest runs. Throws a `DeviceError`.
 */
export function attachVirtioFs(emulator: V86Instance, options: AttachOptions): VirtioFsDevice {
  if (typeof (emulator as Partial<V86Instance> | undefined)?.add_listener !== "function") {
    throw new DeviceError("not-v86", "attachVirtioFs takes an instance of the class V86 of the package v86.");
  }
  return new Attachment(emulator, options);
}

class Attachment implements VirtioFsDevice {
  readonly tag: string;
  readonly ready: Promise<void>;
  readonly #emulator: V86Instance;
  readonly #options: AttachOptions;
  readonly #served: FileSystemDevice;
  #attached: AttachedDevice | undefined;
  #needsRescan = false;
  /** Takes back the wait for the emulator. */
  #unwait: (() => void) | undefined;
  #detaching: Promise<void> | undefined;

  constructor(emulator: V86Instance, options: AttachOptions) {
    this.#emulator = emulator;
    this.#options = options;
    this.tag = options.tag;
    this.#served = this.#serve();
    if (isReady(emulator)) {
      this.#attach();
      this.ready = Promise.resolve();
    } else {
      this.ready = this.#whenReady();
      this.ready.catch(() => undefined); // whoever waits for it is told
    }
  }

  get pciAddress(): string | undefined {
    return this.#attached && pciAddress(this.#attached.slot);
  }

  get needsRescan(): boolean {
    return this.#needsRescan;
  }

  get inUse(): boolean {
    return this.#attached?.inUse ?? false;
  }

  get commands(): GuestCommands {
    if (!this.#attached) throw new DeviceError("detached", `The device “${this.tag}” is on no bus.`);
    return guestCommands(this.tag, this.#needsRescan, this.#attached.slot);
  }

  statistics(): DeviceStatistics {
    return statisticsOf(this.tag, this.#served, this.#attached?.interrupts ?? 0);
  }

  async flush(): Promise<void> {
    try {
      await this.#options.fileSystem.syncfs();
    } catch (error) {
      const message = `Not everything that was written to “${this.tag}” could be saved: ${(error as Error).message}.`;
      throw new DeviceError("not-saved", message, { cause: error });
    }
  }

  detach(options: DetachOptions = {}): Promise<void> {
    this.#detaching ??= this.#detach(options).catch((error: unknown) => {
      if (this.#attached) this.#detaching = undefined; // to be tried again
      throw error;
    });
    return this.#detaching;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.detach();
  }

  async #detach({ force = false, keepFileSystem = false }: DetachOptions): Promise<void> {
    const { fileSystem } = this.#options;
    if (!force && this.#attached?.inUse && this.#emulator.is_running()) {
      const how = `unmount it and run \`${removeCommand(this.#attached.slot)}\` there, or stop the emulator`;
      throw new DeviceError("in-use", `The guest has “${this.tag}”: ${how}.`);
    }
    let failure: DeviceError | undefined;
    await this.flush().catch((error: DeviceError) => {
      if (!force) throw error;
      failure = error;
    });
    this.#unwait?.();
    const { mounted } = this.#served.server;
    this.#attached?.remove();
    this.#attached = undefined;
    if (!keepFileSystem && Symbol.asyncDispose in fileSystem) await fileSystem[Symbol.asyncDispose]?.();
    else if (mounted) await fileSystem.destroy();
    if (failure !== undefined) throw failure;
  }

  #serve(): FileSystemDevice {
    const { tag, fileSystem, readOnly = false, timeout, tracer } = this.#options;
    const report = this.#report;
    const told = (paths: readonly string[]): void =>
      console.warn(`virtio-fs ${tag}: no longer as the restored guest knows them:`, paths);
    const { onStale = told } = this.#options;
    try {
      return fileSystemDevice(tag, fileSystem, {
        readOnly,
        ...(timeout !== undefined && { timeout }),
        ...(tracer && { tracer }),
        onBug: report,
        snapshots: (server) => new ServerSnapshots(server, fileSystem, { onError: report, onStale }),
      });
    } catch (error) {
      if (error instanceof TypeError) throw new DeviceError("bad-tag", error.message, { cause: error });
      throw error;
    }
  }

  #whenReady(): Promise<void> {
    const emulator = this.#emulator;
    return new Promise((resolve, reject) => {
      const listener = (): void => {
        emulator.remove_listener("emulator-ready", listener);
        this.#unwait = undefined;
        try {
          this.#attach();
          resolve();
        } catch (error) {
          if (!(error instanceof DeviceError)) throw error;
          reject(error);
          this.#report(error);
        }
      };
      emulator.add_listener("emulator-ready", listener);
      this.#unwait = () => {
        emulator.remove_listener("emulator-ready", listener);
        reject(new DeviceError("detached", `“${this.tag}” was detached before the emulator was ready.`));
      };
    });
  }

  #attach(): void {
    const emulator = this.#emulator;
    const devices = orThrow("unsupported-v86", () => V86Devices.of(emulator));
    if (devices.has(this.#served.device)) throw new DeviceError("bad-tag", `“${this.tag}” is attached already.`);
    const broken = (error: unknown): void =>
      this.#report(new DeviceError("broken", `The guest's driver broke “${this.tag}”.`, { cause: error }));
    this.#attached = orThrow("no-slot", () => devices.add(this.#served.device, broken));
    this.#needsRescan = devices.hasRun;
  }

  readonly #report = (error: unknown): void => {
    const { onError } = this.#options;
    if (onError) onError(error);
    else console.error(`virtio-fs ${this.tag}:`, error);
  };
}

const ADVICE = {
  "unsupported-v86": "The device works with v86 0.5.462",
  "no-slot": "v86's PCI bus has no room for the device: detach another",
} as const;

function orThrow<T>(code: keyof typeof ADVICE, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new DeviceError(code, `${ADVICE[code]}: ${(error as Error).message}.`, { cause: error });
  }
}
