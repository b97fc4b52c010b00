import type { AgentListener, AgentProcess } from "./agent.js";
import { INITIAL_CREDIT } from "./agent-protocol.js";
import type { ProcessState } from "./machine-state.js";
import type { MovableAgent } from "./movable-agent.js";

const SIGHUP = 1;

/** A process that goes on with its terminal: what it says is kept until somebody listens. */
export class ShownProcess {
  readonly #process: AgentProcess;
  readonly #said: ((listener: AgentListener) => void)[] = [];
  #listener: AgentListener | undefined;
  /** Bytes of output among that. */
  #kept = 0;

  constructor(
    agent: MovableAgent,
    private readonly state: ProcessState,
  ) {
    this.#process = agent.adopt(state, {
      started: (pid) => this.#say((listener) => listener.started(pid)),
      output: (stream, bytes) => {
        this.#kept += bytes.length;
        this.#say((listener) => listener.output(stream, bytes));
      },
      // Before, it is in the credit that the listener is told of.
      inputCredit: (bytes) => this.#listener?.inputCredit(bytes),
      exited: (status) => this.#say((listener) => listener.exited(status)),
    });
  }

  /** The terminal has the size that it had. */
  showTo(listener: AgentListener): AgentProcess {
    const { credit, pid } = this.state;
    // As with a new process: nothing is told before it is there, and each side may send so much at first.
    queueMicrotask(() => {
      const missing = INITIAL_CREDIT - this.#kept - credit[1];
      if (missing > 0) this.#process.credit(1, missing);
      listener.inputCredit(credit[0] - INITIAL_CREDIT);
      listener.started(pid);
      for (const say of this.#said.splice(0)) say(listener);
      this.#listener = listener;
    });
    return this.#process;
  }

  #say(say: (listener: AgentListener) => void): void {
    if (this.#listener) say(this.#listener);
    else this.#said.push(say);
  }
}

/** Ends a process, as a terminal that is closed does: whoever read and wrote its streams is not here. */
export function hangUp(agent: MovableAgent, state: ProcessState): void {
  const process = agent.adopt(state, {
    started: () => undefined,
    output: (stream, bytes) => process.credit(stream, bytes.length),
    inputCredit: () => undefined,
    exited: () => undefined,
  });
  process.signal(SIGHUP);
}
