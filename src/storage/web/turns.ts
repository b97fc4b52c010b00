/** Work on one thing, one piece at a time, in order. */
export class Turns {
  #last: Promise<void> | undefined;

  /** Nothing is under way: what needs no waiting may be done at once. */
  get free(): boolean {
    return this.#last === undefined;
  }

  /** Runs `work` after what came before it: at once, up to its first `await`, where that is nothing. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last === undefined ? work() : this.#last.then(work);
    const end: Promise<void> = run.then(
      () => this.#ended(end),
      () => this.#ended(end),
    );
    this.#last = end;
    return run;
  }

  #ended(end: Promise<void>): void {
    if (this.#last === end) this.#last = undefined;
  }
}
