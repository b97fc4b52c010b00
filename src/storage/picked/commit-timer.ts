const IDLE_MS = 1000;
/** Where what is not saved would be lost with the page, and a save takes no longer than a fifth of it. */
const SOON_IDLE_MS = 100;
const SOON_LONGEST_MS = 1000;
const SOON_DUTY = 5;
/** A file that is written without a pause is saved all the same, but not again and again if that takes long. */
const LONGEST_MS = 10_000;
const DUTY = 20;
const MOST_BACK_OFF_MS = 30_000;

/**
 * Calls for a commit: a second after the last change, some seconds after the first, and again after a failure. `soon`: 100 ms and
 * a second.
 */
export class CommitTimer {
  readonly #commit: () => Promise<void>;
  readonly #soon: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #first = 0;
  #last = 0;
  #took = 0;
  #backOff = 0;

  constructor(commit: () => Promise<void>, soon: boolean) {
    this.#commit = commit;
    this.#soon = soon;
  }

  changed(): void {
    this.#last = performance.now();
    if (this.#timer !== undefined) return;
    this.#first = this.#last;
    this.#backOff = 0;
    this.#wait(this.#idle);
  }

  failed(): void {
    this.stop();
    this.#backOff = Math.min(Math.max(2 * this.#backOff, 2 * IDLE_MS), MOST_BACK_OFF_MS);
    this.#first = this.#last = -Infinity; // due when it fires
    this.#wait(this.#backOff);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #idle(): number {
    return this.#soon ? Math.min(IDLE_MS, Math.max(SOON_IDLE_MS, SOON_DUTY * this.#took)) : IDLE_MS;
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#fire(), milliseconds);
  }

  async #fire(): Promise<void> {
    const now = performance.now();
    const longest = Math.max(this.#soon ? SOON_LONGEST_MS : LONGEST_MS, DUTY * this.#took);
    const due = Math.min(this.#last + this.#idle, this.#first + longest);
    if (due > now) return this.#wait(due - now);
    this.#timer = undefined;
    await this.#commit();
    this.#took = performance.now() - now;
  }
}
