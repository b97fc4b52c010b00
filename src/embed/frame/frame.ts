import type { Progress, VirtualMachine } from "../../client/index.js";
import { element } from "../../page/element.js";
import type { EmbedParameters } from "../parameters.js";
import { MOST_AT_ONCE, takeSlot } from "./slots.js";
import type { Given } from "./take-over.js";

/** What the frame shows, and its machine once there is one. */
export class Frame {
  readonly #panel = element("panel", HTMLElement);
  readonly #status = element("status", HTMLElement);
  readonly #problems = element("problems", HTMLElement);
  readonly #progress = element("progress", HTMLProgressElement);
  readonly #start = element("start", HTMLButtonElement);
  readonly #news = element("news", HTMLElement);
  #machine: Promise<VirtualMachine> | undefined;
  /** Told of every step; the page that controls the frame listens. */
  onProgress: (progress: Progress) => void = () => {};
  /** What the window which opened this one gives it. */
  given: Promise<Given> | undefined;
  /** Said when the machine has stopped. */
  #last = "Linux is switched off.";

  constructor(readonly parameters: EmbedParameters) {
    const { theme, title, poster } = parameters;
    document.documentElement.dataset["theme"] = theme;
    if (title !== undefined) {
      document.title = title;
      element("heading", HTMLElement).textContent = title;
      element("screen", HTMLElement).ariaLabel = title;
    }
    if (poster === undefined) return;
    const isImage = /^https?:\/\//.test(poster);
    const place = isImage ? element("poster", HTMLImageElement) : element("poster-text", HTMLElement);
    if (place instanceof HTMLImageElement) place.src = poster;
    else place.textContent = poster;
    place.hidden = false;
  }

  get machine(): Promise<VirtualMachine> | undefined {
    return this.#machine;
  }

  /** Shows the button that starts it. */
  offer(): void {
    this.#start.hidden = false;
  }

  /** Says why nothing starts here. */
  refuse(problem: string): void {
    this.#problems.textContent = problem;
    this.#progress.hidden = true;
    this.#status.textContent = "";
  }

  tell(news: string): void {
    this.#news.textContent = news;
  }

  /** Starts the machine, once; a call after it ended starts another. Rejects where it does not start; the frame says why. */
  start(): Promise<VirtualMachine> {
    if (this.#machine) return this.#machine;
    this.#problems.textContent = "";
    this.#start.hidden = true;
    this.#progress.hidden = false;
    this.#progress.removeAttribute("value");
    this.#panel.hidden = false;
    delete this.#panel.dataset["ended"];
    this.#say("Loading");
    const starting = this.#run();
    this.#machine = starting;
    starting.catch((error: unknown) => {
      this.#machine = undefined;
      this.refuse(`Linux did not start: ${error instanceof Error ? error.message : String(error)}`);
      this.offer();
    });
    return starting;
  }

  async #run(): Promise<VirtualMachine> {
    const release = await takeSlot(() => {
      this.#progress.hidden = true;
      this.#say(
        `${MOST_AT_ONCE} machines run on this page already. This one starts when another is closed or switched off.`,
      );
    });
    try {
      this.#progress.hidden = false;
      const { runMachine } = await import("./run.js");
      const machine = await runMachine(
        this,
        (progress) => this.show(progress),
        (status, error) => {
          release();
          this.#ended(status, error);
        },
      );
      this.#panel.hidden = true;
      return machine;
    } catch (error) {
      release();
      throw error;
    }
  }

  show(progress: Progress): void {
    this.onProgress(progress);
    this.#say(progress.phase);
    if (progress.total > 0) {
      this.#progress.max = progress.total;
      this.#progress.value = Math.min(progress.loaded, progress.total);
    } else {
      this.#progress.removeAttribute("value");
    }
  }

  /** The machine is about to be stopped: what is said then. */
  endedAs(text: string): void {
    this.#last = text;
  }

  #ended(status: "stopped" | "failed", error: Error | undefined): void {
    this.#machine = undefined;
    this.#progress.hidden = true;
    this.#panel.hidden = false;
    this.#panel.dataset["ended"] = "";
    this.#say(status === "stopped" ? this.#last : "");
    this.#last = "Linux is switched off.";
    if (status === "failed") this.#problems.textContent = error?.message ?? "Linux has stopped unexpectedly.";
    this.#start.textContent = "Start Linux again";
    this.offer();
  }

  /** Leaves equal text alone: a live region is read out again otherwise. */
  #say(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
