import type { Access, ShareState } from "./types.js";

/** A share of a running machine. Its fields are what the Worker reported last. */
export class Share implements ShareState {
  #state: ShareState;
  readonly #actions: ShareActions;

  /** @internal */
  constructor(state: ShareState, actions: ShareActions) {
    this.#state = state;
    this.#actions = actions;
  }

  get tag(): string {
    return this.#state.tag;
  }
  get mountPoint(): string {
    return this.#state.mountPoint;
  }
  get access(): Access {
    return this.#state.access;
  }
  get kind(): ShareState["kind"] {
    return this.#state.kind;
  }
  /** Name of the folder that is shared. */
  get name(): string {
    return this.#state.name;
  }
  /** Id under which the browser remembers the folder, where it does. */
  get folder(): string | undefined {
    return this.#state.folder;
  }
  /** Bytes that the guest wrote and that the folder does not have yet. */
  get unsavedBytes(): number {
    return this.#state.unsavedBytes;
  }
  get unsavedFiles(): number {
    return this.#state.unsavedFiles;
  }
  /** What is wrong, in words for the visitor. */
  get problem(): string | undefined {
    return this.#state.problem;
  }

  /** Resolves when the folder has everything that the guest wrote; rejects with "not-saved" where it could not be saved. */
  flush(): Promise<void> {
    return this.#actions.flush();
  }

  /** Unmounts it, saves, and lets go of the folder. Rejects with "busy" while a process of the guest uses it. */
  remove(): Promise<void> {
    return this.#actions.remove();
  }

  /** @internal */
  update(state: ShareState): void {
    this.#state = state;
  }
}

interface ShareActions {
  flush(): Promise<void>;
  remove(): Promise<void>;
}
