import { bytesInWords } from "../amount.js";
import { button, made } from "./markup.js";

/** What takes less is over before anybody has read of it. */
const SHOWN_AFTER_MS = 1_000;

/** One download or upload at a time: how far it is, and the button that ends it. */
export class Transfer {
  readonly element = made("div", "transfer");
  readonly #label = made("p", "");
  readonly #progress = made("progress", "");
  #running: AbortController | undefined;

  /** `busy` is told when one begins and when it has ended. */
  constructor(private readonly busy: (running: boolean) => void) {
    this.element.hidden = true;
    this.#progress.ariaLabel = "Progress";
    this.element.append(
      this.#label,
      this.#progress,
      button("Cancel", "", () => this.cancel()),
    );
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  cancel(): void {
    this.#running?.abort();
  }

  /** Runs `action`. It tells how far it is; its signal is the Cancel button's. */
  async run<T>(what: string, action: (signal: AbortSignal, report: Report) => Promise<T>): Promise<T> {
    const { signal } = (this.#running = new AbortController());
    const timer = setTimeout(() => (this.element.hidden = false), SHOWN_AFTER_MS);
    this.#show(what, 0, 0);
    this.busy(true);
    try {
      return await action(signal, (done, total, now = what) => this.#show(now, done, total));
    } finally {
      clearTimeout(timer);
      this.element.hidden = true;
      this.#running = undefined;
      this.busy(false);
    }
  }

  #show(what: string, done: number, total: number): void {
    if (total > 0) {
      this.#progress.max = total;
      this.#progress.value = done;
    } else {
      this.#progress.removeAttribute("value");
    }
    const amount = total > 0 ? `${bytesInWords(done)} of ${bytesInWords(total)}` : done > 0 ? bytesInWords(done) : "";
    this.#label.textContent = amount === "" ? what : `${what}: ${amount}`;
  }
}

/** `total` 0: unknown. */
export type Report = (done: number, total: number, what?: string) => void;
