import type { MachineStatus, Progress } from "../client/index.js";
import { bytesInWords } from "./amount.js";
import { element } from "./element.js";

const HEADINGS: Readonly<Record<Exclude<MachineStatus, "ready">, string>> = {
  starting: "Starting Linux",
  stopped: "Linux is switched off",
  failed: "Linux does not run",
};

/** The machine's status in the header (role=status: read out when it changes), and what there is instead of a shell before and after one. */
export class StatusLine {
  readonly #status = element("status", HTMLElement);
  readonly #panel = element("start-panel", HTMLElement);
  readonly #heading = element("start-heading", HTMLElement);
  readonly #phase = element("phase", HTMLElement);
  readonly #progress = element("progress", HTMLProgressElement);
  readonly #amount = element("amount", HTMLElement);
  readonly #restart = element("restart", HTMLButtonElement);

  constructor(onRestart: () => void) {
    this.#restart.addEventListener("click", onRestart);
  }

  show(status: MachineStatus): void {
    setText(this.#status, status);
    this.#status.parentElement!.dataset["status"] = status;
    this.#panel.hidden = status === "ready";
    this.#panel.dataset["status"] = status;
    this.#progress.hidden = status !== "starting";
    this.#progress.removeAttribute("value");
    this.#restart.hidden = status === "starting" || status === "ready";
    setText(this.#phase, "");
    setText(this.#amount, "");
    if (status !== "ready") setText(this.#heading, HEADINGS[status]);
    if (!this.#restart.hidden && hasNothingToType()) this.#restart.focus();
  }

  progress({ phase, loaded, total }: Progress): void {
    setText(this.#status, `starting: ${phase}`);
    setText(this.#phase, phase);
    if (total > 0) {
      this.#progress.max = total;
      this.#progress.value = Math.min(loaded, total);
    } else {
      this.#progress.removeAttribute("value");
    }
    setText(this.#amount, isDownload(phase) ? downloaded(loaded, total) : "");
  }
}

/** The focus is nowhere, or in the terminal of a machine that is gone. */
function hasNothingToType(): boolean {
  const { activeElement } = document;
  return activeElement === document.body || activeElement?.closest("#terminal") !== null;
}

/** Other phases count boot messages. */
function isDownload(phase: string): boolean {
  return phase.startsWith("Downloading");
}

function downloaded(loaded: number, total: number): string {
  return total > 0 ? `${bytesInWords(loaded)} of ${bytesInWords(total)}` : bytesInWords(loaded);
}

/** Leaves equal text alone: a live region is read out again otherwise. */
function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
