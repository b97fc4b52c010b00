import { type DeviceBus, Emulator, type EmulatorState, type HaltReason } from "../emulator/emulator.js";
import { VirtioConsole } from "../virtio/virtio-console.js";
import { AgentConnection } from "./agent.js";
import type { Images } from "./assets.js";
import { Deferred } from "./deferred.js";
import { GuestClock } from "./guest-clock.js";
import { ownPrograms, type RunOwnProgram } from "./guest-command.js";
import type { MachineEvent } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import type { OpenedSource } from "./active-share.js";
import { ROOT_TAG, Shares } from "./shares.js";

export interface BootOptions extends Images, MachineHooks {
  /** Bytes. */
  readonly memory: number;
  /** v86's WebAssembly module, or where it is. */
  readonly wasm: string | BufferSource | WebAssembly.Module;
  /** As in `EmulatorOptions`. */
  readonly plan9?: boolean;
  /** The root of Linux: let go of when the machine ends, or does not boot. Missing: the initramfs is the root. */
  readonly root?: OpenedSource;
}

export interface ResumeOptions extends MachineHooks {
  /** Of a machine that had this memory; may still be on its way. */
  readonly snapshot: Promise<EmulatorState>;
  readonly memory: number;
  readonly wasm: BootOptions["wasm"];
}

/** For a machine that may move: see `movable-machine.ts`. */
export interface MachineHooks {
  /** In the place of an `AgentConnection`. */
  readonly connect?: (send: (bytes: Uint8Array) => void) => AgentConnection;
  /** Before the guest runs, and before a snapshot is restored, whose machine may have had more devices. */
  readonly prepare?: (machine: Machine) => Promise<void>;
}

/** A guest that says nothing for that long has not started. */
const BOOT_LIMIT_MS = 180_000;
/** A restored guest says something within 50 ms; booting is the better way then. */
const RESUME_LIMIT_MS = 10_000;
/** Boot messages kept for the error that shows them. */
const BOOT_LOG_CHARACTERS = 4_000;
/** What `guest/rootfs/etc/init.d/root` says before it gives up. */
const ROOT_REFUSED = /(?:^|\] )root: (.+)$/m;

/** An emulated computer with Linux on it, its agent, and its shares. Runs in a Worker and under Node. */
export class Machine {
  readonly agent: AgentConnection;
  readonly shares: Shares;
  /** Where devices are plugged in. */
  readonly bus: DeviceBus;
  /** Whether a share is the root of Linux. */
  readonly rootIsShared: boolean;
  readonly emulator: Emulator;
  /** Of the agent. */
  readonly console: VirtioConsole;
  readonly #run: RunOwnProgram;
  readonly #notify: (event: MachineEvent) => void;
  #clock: GuestClock | undefined;
  #stopping: Promise<void> | undefined;
  #bootLog = "";

  /** Resolves when the guest's agent answers. */
  static async boot(options: BootOptions, notify: (event: MachineEvent) => void): Promise<Machine> {
    notify({ type: "progress", progress: { phase: "Starting Linux", loaded: 0, total: 0 } });
    const { root } = options;
    const emulator = await Emulator.load(
      root ? { ...options, commandLine: withRoot(options.commandLine, root) } : options,
    );
    const machine = new Machine(emulator, root, notify, options.connect);
    await options.prepare?.(machine);
    return machine.#orGone(machine.#started(BOOT_LIMIT_MS, root).then(() => machine.agent.setClock()));
  }

  /** Goes on from a snapshot. Rejects where that does not work: boot one then. */
  static async resume(
    { snapshot, prepare, connect, ...hardware }: ResumeOptions,
    notify: (event: MachineEvent) => void,
  ): Promise<Machine> {
    snapshot.catch(() => undefined); // Told once the emulator is there.
    const emulator = await Emulator.load(hardware);
    const machine = new Machine(emulator, undefined, notify, connect);
    return machine.#orGone(machine.#resumed(snapshot, prepare));
  }

  private constructor(
    emulator: Emulator,
    root: OpenedSource | undefined,
    notify: (event: MachineEvent) => void,
    connect: NonNullable<MachineHooks["connect"]> = (send) => new AgentConnection(send),
  ) {
    this.emulator = emulator;
    this.bus = emulator.bus;
    this.#notify = notify;
    this.agent = connect((bytes) => void this.console.send(bytes));
    this.console = new VirtioConsole({
      receive: (bytes) => this.agent.receive(bytes),
      // init starts the agent again; what ran under the one before has ended with it.
      opened: (open) => open || this.agent.close(new MachineError("stopped", "The guest's agent has ended.")),
    });
    this.rootIsShared = root !== undefined;
    this.#run = ownPrograms(this.agent, this.rootIsShared);
    this.shares = new Shares(
      this.#run,
      (device, slot) => emulator.bus.add(device, slot),
      (shares) => notify({ type: "shares", shares }),
    );
    // Before Linux runs: it mounts its root before it can look for devices that are plugged in later.
    if (root) this.shares.plugIn(root);
    emulator.bus.add(this.console);
    emulator.onSerial = (text) => {
      this.#bootLog = (this.#bootLog + text).slice(-BOOT_LOG_CHARACTERS);
    };
    emulator.onHalt = (reason) => void this.#ended(reason);
    emulator.onIdle = () => this.shares.guestIsIdle();
  }

  /** Saves every share and ends the machine. Throws what could not be saved; the machine has ended all the same. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // Shared mappings that are dirty in the guest's page cache come first.
    if (this.agent.connected) await this.#run("sync");
    await this.end();
  }

  /** The guest halted by itself. It has unmounted its file systems before, but for a fault. */
  async #ended(reason: HaltReason): Promise<void> {
    // Nothing that runs in the guest will answer any more, not even what `stop` may be waiting for.
    this.agent.close(new MachineError("stopped", HALTED[reason]));
    if (this.#stopping) return;
    this.#stopping = this.end();
    const failure = await this.#stopping.then(
      () => (reason === "fault" ? HALTED.fault : undefined),
      (error: unknown) => MachineError.from(error).message,
    );
    this.#notify({ type: "status", status: "stopped", ...(failure !== undefined && { message: failure }) });
  }

  /** Ends the machine as it is; what its shares have is saved. */
  async end(): Promise<void> {
    this.#clock?.stop();
    try {
      await this.shares.close();
    } finally {
      this.agent.close(new MachineError("stopped", "The machine was stopped."));
      await this.emulator.dispose();
    }
  }

  /** Leaves nothing behind of a machine that does not start. */
  async #orGone(started: Promise<void>): Promise<this> {
    try {
      await started;
      return this;
    } catch (error) {
      await this.emulator.dispose();
      await this.shares.close();
      throw error;
    }
  }

  async #resumed(snapshot: Promise<EmulatorState>, prepare: ResumeOptions["prepare"]): Promise<void> {
    const state = await snapshot;
    this.#notify({ type: "progress", progress: { phase: "Starting Linux", loaded: 0, total: 0 } });
    await prepare?.(this);
    await this.emulator.restore(state);
    void this.agent.setClock();
    await this.#started(RESUME_LIMIT_MS, undefined);
  }

  async #started(milliseconds: number, root: OpenedSource | undefined): Promise<void> {
    const limit = new Deferred<never>();
    const timer = setTimeout(() => limit.reject(this.#bootFailure("did not start in time")), milliseconds);
    this.emulator.onHalt = () => limit.reject(this.#rootFailure(root) ?? this.#bootFailure("halted while starting"));
    this.emulator.run();
    try {
      await Promise.race([this.agent.ready, limit.promise]);
    } finally {
      clearTimeout(timer);
    }
    this.#clock = new GuestClock(() => {
      if (this.agent.connected) void this.agent.setClock();
      return this.agent.connected;
    });
    this.emulator.onHalt = (reason) => void this.#ended(reason);
  }

  #rootFailure(root: OpenedSource | undefined): MachineError | undefined {
    const why = ROOT_REFUSED.exec(this.#bootLog)?.[1]?.trim();
    if (!root || why === undefined) return undefined;
    return new MachineError("bad-root", `“${root.name}” cannot be the root of Linux: ${why}.`);
  }

  #bootFailure(what: string): MachineError {
    return new MachineError("boot-failed", `Linux ${what}. Its last messages:\n${this.#bootLog.trim() || "(none)"}`);
  }
}

const HALTED: Record<HaltReason, string> = {
  "power-off": "The machine was powered off.",
  reboot: "The machine was rebooted.",
  fault: "Linux crashed the emulated processor. What it had written to the shares is saved.",
};

/** As the kernel's documentation has it: Documentation/filesystems/virtiofs.rst. */
function withRoot(commandLine: string, { access }: OpenedSource): string {
  return `${commandLine} root=${ROOT_TAG} rootfstype=virtiofs ${access === "read-only" ? "ro" : "rw"}`;
}
