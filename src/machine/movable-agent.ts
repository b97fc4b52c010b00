import { type AgentCommand, AgentConnection, type AgentListener, type AgentProcess } from "./agent.js";
import { INITIAL_CREDIT } from "./agent-protocol.js";
import type { AgentState, ProcessState } from "./machine-state.js";

/** An agent whose processes another machine can go on with: the credit of their streams is counted. */
export class MovableAgent extends AgentConnection {
  readonly #states = new Map<number, ProcessState>();
  /** Called when something was granted. */
  #granted: (() => void) | undefined;

  override start(command: AgentCommand, listener: AgentListener): AgentProcess {
    const credit: ProcessState["credit"] = [INITIAL_CREDIT, INITIAL_CREDIT, INITIAL_CREDIT];
    const state = { process: this.next, pid: 0, credit };
    return this.#counted(state, super.start(command, this.#follow(state, listener)));
  }

  /** A process that the agent has already, or is about to get. */
  adopt(state: ProcessState, listener: AgentListener): AgentProcess {
    this.processes.set(state.process, this.#follow(state, listener));
    return this.#counted(state, this.sender(state.process));
  }

  /** While the guest stands still: ends when whoever shows the terminal of the process has read all that it printed. */
  async shown(pid: number): Promise<void> {
    for (;;) {
      const state = [...this.#states.values()].find((one) => one.pid === pid);
      // A terminal's reader grants what it has read, and nothing ahead (`client/process.ts`).
      if (!state || state.credit[1] >= INITIAL_CREDIT) return;
      await new Promise<void>((resolve) => (this.#granted = resolve));
    }
  }

  /** From now on frames for the agent wait, until `goOn`, or until it greets again. */
  suspend(): void {
    this.waiting ??= [];
  }

  goOn(): void {
    this.sendWaiting();
  }

  /** While it is suspended and the guest stands still: what another goes on from, which is to adopt the processes. */
  get state(): AgentState {
    const { next, pending, waiting = [] } = this;
    return { next, pending, waiting, processes: [...this.#states.values()] };
  }

  restore({ next, pending, waiting }: AgentState): void {
    this.next = next;
    this.pending = pending;
    this.waiting = [...waiting];
  }

  #follow(state: ProcessState, listener: AgentListener): AgentListener {
    this.#states.set(state.process, state);
    return {
      started: (pid) => listener.started((state.pid = pid)),
      output: (stream, bytes) => {
        state.credit[stream] -= bytes.length;
        listener.output(stream, bytes);
      },
      inputCredit: (bytes) => {
        state.credit[0] += bytes;
        listener.inputCredit(bytes);
      },
      exited: (status) => {
        this.#states.delete(state.process);
        listener.exited(status);
      },
    };
  }

  #counted({ credit }: ProcessState, process: AgentProcess): AgentProcess {
    return {
      ...process,
      input: (bytes) => {
        credit[0] -= bytes.length;
        process.input(bytes);
      },
      credit: (stream, bytes) => {
        credit[stream] += bytes;
        process.credit(stream, bytes);
        this.#granted?.();
      },
    };
  }
}
