import type { VirtualMachine } from "../../client/index.js";
import type { MachineState } from "../../machine/machine-state.js";

/** A machine that stands still, with everything saved: one of `goOn` and `end` is to be called. */
export class SuspendedMachine {
  private constructor(
    private readonly machine: VirtualMachine,
    /** What `VirtualMachine.start` of another page of this build goes on from, with the same memory. Can be posted. */
    readonly state: MachineState,
  ) {}

  /** The console's shell goes along with its terminal. Rejects with "busy" where the machine cannot move; it goes on then. */
  static async of(machine: VirtualMachine): Promise<SuspendedMachine> {
    const { worker, shells } = machine;
    const state = await worker.call(async (api) => (await api.movable()).suspend(shells.pid));
    return new SuspendedMachine(machine, state);
  }

  goOn(): Promise<void> {
    return this.machine.worker.call(async (api) => (await api.movable()).goOn());
  }

  /** Another goes on with it. */
  end(): Promise<void> {
    return this.machine.stop();
  }
}
