import type { Timers } from "../posix/timers.js";

/** A shell loop or `tar` makes a file each millisecond or so: who has made none for that long is doing something else. */
const QUIET_MS = 100;
/** What a tab that is killed may lose, where nothing was synced. */
const LONGEST_MS = 1000;

/** Says when the guest has been quiet for a moment, or has been changing things for so long that it is time all the same. */
export class Lull {
  #timer: unknown;
  #first = 0;
  #last = 0;

  constructor(
    private readonly timers: Timers,
    private readonly come: () => void,
  ) {}

  changed(): void {
    this.#last = this.timers.now();
    if (this.#timer !== undefined) return;
    this.#first = this.#last;
    this.#wait(QUIET_MS);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    if (this.#timer !== undefined) this.timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(milliseconds: number): void {
    this.#timer = this.timers.setTimeout(() => this.#fire(), milliseconds);
  }

  #fire(): void {
    const due = Math.min(this.#last + QUIET_MS, this.#first + LONGEST_MS);
    const left = due - this.timers.now();
    if (left > 0) return this.#wait(left);
    this.#timer = undefined;
    this.come();
  }
}
