import type { Timers } from "../../posix/timers.js";

/** A clock that moves when told. */
export class TimersDouble implements Timers {
  /** Milliseconds that pass at each look at the clock. */
  tick = 0;
  #now = 0;
  #next = 0;
  readonly #waiting = new Map<number, { due: number; callback: () => void }>();

  get waiting(): number {
    return this.#waiting.size;
  }

  now(): number {
    return (this.#now += this.tick);
  }

  setTimeout(callback: () => void, milliseconds: number): number {
    this.#waiting.set(++this.#next, { due: this.#now + milliseconds, callback });
    return this.#next;
  }

  clearTimeout(timer: number): void {
    this.#waiting.delete(timer);
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [timer, { due, callback }] of this.#waiting) {
      if (due > this.#now) continue;
      this.#waiting.delete(timer);
      callback();
    }
  }
}
