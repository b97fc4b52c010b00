const IDLE_MS = 1000;
/** A file that is written without a pause is saved all the same, but not again and again if that takes long. */
const LONGEST_MS = 10_000;
const DUTY = 20;
const MOST_BACK_OFF_MS = 30_000;

/** Calls for a commit: a second after the last change, some seconds after the first, and again after a failure. */
export class CommitTimer {
  readonly #commit: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #first = 0;
  #last = 0;
  #took = 0;
  #backOff = 0;

  constructor(commit: () => Promise<void>) {
    this.#commit = commit;
  }

  changed(): void {
    this.#last = performance.now();
    if (this.#timer !== undefined) return;
    this.#first = this.#last;
    this.#backOff = 0;
    this.#wait(IDLE_MS);
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

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#fire(), milliseconds);
  }

  async #fire(): Promise<void> {
    const now = performance.now();
    const due = Math.min(this.#last + IDLE_MS, this.#first + Math.max(LONGEST_MS, DUTY * this.#took));
    if (due > now) return this.#wait(due - now);
    this.#timer = undefined;
    await this.#commit();
    this.#took = performance.now() - now;
  }
}
