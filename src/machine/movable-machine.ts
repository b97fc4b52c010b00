import * as Comlink from "comlink";
import type { EmulatorState } from "../emulator/emulator.js";
import { snapshotsOf } from "../fs/resumable-share.js";
import { ServerSnapshots } from "../fuse/server-snapshots.js";
import type { Awaitable } from "../posix/awaitable.js";
import type { ActiveShare } from "./active-share.js";
import { type Room, copyOfStore } from "./copy-of-store.js";
import { Deferred } from "./deferred.js";
import { BUILD } from "./load-snapshot.js";
import type { Machine, MachineHooks } from "./machine.js";
import type { Command, MachineOptions } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import type { MachineState, MovableApi, MovedShare } from "./machine-state.js";
import { MovableAgent } from "./movable-agent.js";
import type { Sources } from "./open-source.js";
import type { ProcessStarter } from "./process-port.js";
import { ShownProcess, hangUp } from "./shown-process.js";

/** Bounds of the files that go along. */
const MOST_FILES = 20_000;
const MOST_BYTES = 256 * 2 ** 20;
/** A guest that does not take what it was sent in that time has hung, and so has a page that does not read. */
const LIMIT_MS = 10_000;

/** A machine that can be suspended, to go on in another Worker; or that goes on here from there. */
export class MovableMachine implements MovableApi {
  readonly hooks: Required<MachineHooks>;
  readonly #state: MachineState | undefined;
  #agent!: MovableAgent;
  #machine: Machine | undefined;
  /** Until the page asks for it. */
  #shown: ShownProcess | undefined;

  constructor(
    movable: NonNullable<MachineOptions["movable"]>,
    private readonly open: Sources["open"],
  ) {
    this.#state = movable === true ? undefined : movable;
    this.hooks = {
      connect: (send) => (this.#agent = new MovableAgent(send)),
      prepare: (machine) => this.#prepare(machine),
    };
  }

  /** Where it comes from. */
  get snapshot(): Promise<EmulatorState> | undefined {
    if (this.#state === undefined) return undefined;
    if (this.#state.build === BUILD) return Promise.resolve(this.#state.emulator);
    return Promise.reject(new MachineError("boot-failed", "The machine is of another version of this page."));
  }

  /** The process whose terminal goes along takes the place of the first that is asked for with a terminal. */
  adopt({ terminal }: Command): ProcessStarter | undefined {
    const shown = this.#shown;
    if (!shown || !terminal) return undefined;
    this.#shown = undefined;
    return { start: (_, listener) => shown.showTo(listener) };
  }

  async suspend(terminal: number | undefined): Promise<MachineState> {
    const machine = this.#machine;
    if (!machine) throw busy("it is not running");
    const { emulator, shares } = machine;
    checkMovable(machine);
    this.#agent.suspend();
    try {
      await inTime(machine.console.send(new Uint8Array(0)), "Linux does not answer");
      await emulator.stop();
      if (terminal !== undefined)
        await inTime(this.#agent.shown(terminal), "its terminal does not show what it prints");
      for (const share of shares.active) {
        keepState(share);
        await share.served.device.suspend();
      }
      const state = await emulator.save();
      // Those of the shares and the console; another is a part of an upload.
      if (state.devices.length !== shares.active.length + 1) throw busy("files are being uploaded to it");
      const room = { files: MOST_FILES, bytes: MOST_BYTES };
      const copies: MovedShare[] = [];
      for (const share of shares.active) copies.push(await copyOf(share, room));
      const agent = { ...this.#agent.state, processes: this.#agent.processes };
      const shown = agent.processes.find(({ pid }) => pid === terminal);
      const moved = { build: BUILD, emulator: state, agent, ...(shown && { terminal: shown.process }), shares: copies };
      return Comlink.transfer(moved, [state.computer]);
    } catch (error) {
      this.goOn();
      throw error;
    }
  }

  goOn(): void {
    this.#agent.goOn();
    this.#machine?.emulator.run();
  }

  async #prepare(machine: Machine): Promise<void> {
    this.#machine = machine;
    if (this.#state === undefined) return;
    const { shares, agent, emulator, terminal } = this.#state;
    for (const { tag, mountPoint, name, access, files, records } of shares) {
      const source = await this.open({ kind: "files", name, files }, access, (problem, storeAccess) =>
        machine.shares.setProblem(tag, problem, storeAccess),
      );
      for (const [place, record] of records) source.records?.set(...place, record);
      const slot = emulator.devices.find((device) => device.name === `virtio-fs ${tag}`)?.slot;
      keepState(machine.shares.plugIn(source, tag, mountPoint, slot));
    }
    const { processes, waiting = [], ...state } = agent;
    this.#agent.state = { ...state, waiting: [...waiting] };
    for (const state of processes) {
      if (state.process === terminal) this.#shown = new ShownProcess(this.#agent, state);
      else hangUp(this.#agent, state);
    }
  }
}

/** The share's device brings into the state what the guest knows of it by number. */
function keepState({ tag, fileSystem, served: { device, server } }: ActiveShare): void {
  const onStale = (paths: readonly string[]): void => console.warn(`${tag}: no longer as Linux knows them:`, paths);
  const onError = (error: unknown): void => console.error(`${tag}:`, error);
  device.snapshots = new ServerSnapshots(server, snapshotsOf(fileSystem), { onStale, onError });
}

function checkMovable({ agent, rootIsShared, shares }: Machine): void {
  if (!agent.connected) throw busy("Linux does not answer");
  if (rootIsShared) throw busy("its root is a folder");
  const fixed = shares.active.find(({ source }) => source.isOwn !== true);
  if (fixed) throw busy(`“${fixed.source.name}” at ${fixed.mountPoint} cannot go along`);
}

async function inTime(done: Awaitable<void>, otherwise: string): Promise<void> {
  const late = new Deferred<never>();
  const timer = setTimeout(() => late.reject(busy(otherwise)), LIMIT_MS);
  try {
    await Promise.race([done, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function copyOf({ tag, mountPoint, source }: ActiveShare, room: Room): Promise<MovedShare> {
  const { name, access, store, records } = source;
  const files = await copyOfStore(store, room);
  if (files === undefined) throw busy(`“${name}” has more than 20,000 files or 256 MiB`);
  return { tag, mountPoint, name, access, files, records: [...(records?.all() ?? [])] };
}

function busy(why: string): MachineError {
  return new MachineError("busy", `The machine cannot move: ${why}.`);
}
