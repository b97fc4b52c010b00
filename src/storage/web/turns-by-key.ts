import { Turns } from "./turns.js";

/** Work on many things: on each of them one piece at a time, in order. */
export class TurnsByKey {
  readonly #turns = new Map<string, Turns>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(key) ?? new Turns();
    this.#turns.set(key, turns);
    try {
      return await turns.run(work);
    } finally {
      if (turns.free) this.#turns.delete(key);
    }
  }
}
