import type { AgentConnectionState } from "./agent.js";
import type { EmulatorState } from "../emulator/emulator.js";
import type { NodeRecord, RecordPlace } from "../fs/records.js";
import type { DroppedEntry } from "../storage/dropped/dropped-entry.js";
import type { OpenedSource } from "./active-share.js";

/** What may be done with a machine that may move. */
export interface MovableApi {
  /**
   * Everything is saved, and the guest stands still until `goOn`, or until the machine is stopped. `terminal`: the guest's number of
   * the process whose terminal goes along. Rejects with "busy" where the machine cannot move; it goes on then.
   */
  suspend(terminal: number | undefined): Promise<MachineState>;
  goOn(): void;
}

/** A process of the agent's: enough to go on with it. */
export interface ProcessState {
  /** The number that machine and agent know it by. */
  readonly process: number;
  /** In the guest; 0 before it runs. */
  pid: number;
  /** Bytes that may be sent of standard input, standard output and standard error. */
  readonly credit: [stdin: number, stdout: number, stderr: number];
}

/** What a machine knows of its agent. */
export interface AgentState extends AgentConnectionState {
  readonly processes: readonly ProcessState[];
}

/** A machine that stands still, with all that it has: what another Worker of the same build goes on from. Can be posted. */
export interface MachineState {
  /** The build that it fits. */
  readonly build: string;
  readonly emulator: EmulatorState;
  readonly agent: AgentState;
  /** The process whose terminal goes along, by the agent's number. */
  readonly terminal?: number;
  readonly shares: readonly MovedShare[];
}

/** A share whose content goes along with its machine. */
export interface MovedShare extends Pick<OpenedSource, "name" | "access"> {
  readonly tag: string;
  readonly mountPoint: string;
  /** What the guest has in it, by the names that it has them by, each with the time of its last change. */
  readonly files: readonly DroppedEntry[];
  readonly records: readonly (readonly [RecordPlace, NodeRecord])[];
}
