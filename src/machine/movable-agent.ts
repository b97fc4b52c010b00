import { AgentConnection, type AgentListener, type AgentProcess } from "./agent.js";
import { INITIAL_CREDIT } from "./agent-protocol.js";
import type { ProcessState } from "./machine-state.js";

/** An agent whose processes another machine can go on with: the credit of their streams is counted. */
export class MovableAgent extends AgentConnection {
  readonly #states = new Map<number, ProcessState>();
  /** Called when something was granted. */
  #granted: (() => void) | undefined;

  override attach(process: number, listener: AgentListener): AgentProcess {
    return this.adopt({ process, pid: 0, credit: [INITIAL_CREDIT, INITIAL_CREDIT, INITIAL_CREDIT] }, listener);
  }

  /** A process that the agent has already, or is about to get. */
  adopt(state: ProcessState, listener: AgentListener): AgentProcess {
    return this.#counted(state, super.attach(state.process, this.#follow(state, listener)));
  }

  /** While the guest stands still: ends when whoever shows the terminal of the process has read all that it printed. */
  async shown(pid: number): Promise<void> {
    for (;;) {
      const state = this.processes.find((one) => one.pid === pid);
      // A terminal's reader grants what it has read, and nothing ahead (`client/process.ts`).
      if (!state || state.credit[1] >= INITIAL_CREDIT) return;
      await new Promise<void>((resolve) => (this.#granted = resolve));
    }
  }

  /** From now on frames for the agent wait, until `goOn`, or until it greets again. */
  suspend(): void {
    this.state.waiting ??= [];
  }

  get processes(): readonly ProcessState[] {
    return [...this.#states.values()];
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
