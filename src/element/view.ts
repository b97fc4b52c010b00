import type { Progress } from "../client/index.js";
import { bytesInWords } from "../page/amount.js";
import type { LinuxVmStatus } from "./events.js";
import { STYLE } from "./style.js";

const HEADINGS: Readonly<Record<LinuxVmStatus, string>> = {
  idle: "",
  starting: "Starting Linux",
  ready: "",
  stopped: "Linux is switched off",
  failed: "Linux does not run",
};

/** What is in the shadow root, and what it says. The terminal comes into {@link terminal} later. */
export class View {
  readonly frame = make("div", "frame", { role: "group" });
  readonly terminal = make("div", "terminal");
  /** Where the start is asked for, at first and again. */
  readonly button = make("button", "button", { type: "button" });
  readonly keys = make("div", "keys", { role: "toolbar", ariaLabel: "Keys" });
  readonly screenReader = make("input", "checkbox", { type: "checkbox" });
  readonly #heading = make("p", "heading");
  readonly #progress = make("progress", "progress", { ariaLabel: "Start-up" });
  readonly #amount = make("p", "amount");
  readonly #error = make("p", "message");
  readonly #alert = make("div", "error", { role: "alert" });
  readonly #status = make("span", "status", { role: "status" });

  constructor(readonly root: ShadowRoot) {
    const label = make("label", "choice");
    label.append(this.screenReader, "Screen reader support");
    const hint = make("span", "hint");
    hint.append("Ctrl+Shift+L leaves the terminal");
    const dismiss = make("button", "dismiss", { type: "button" });
    dismiss.append("Dismiss");
    dismiss.addEventListener("click", () => this.sayError(""));
    this.#alert.append(this.#error, slot("error"), dismiss);
    this.frame.append(
      around("toolbar", slot("toolbar")),
      this.#alert,
      around(
        "screen",
        this.terminal,
        around("cover", slot("poster"), around("panel", this.#heading, this.#progress, this.#amount, this.button)),
      ),
      this.keys,
      around("footer", this.#status, label, hint),
    );
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.frame);
  }

  show(status: LinuxVmStatus): void {
    // The terminal of a machine that is gone has the focus: what starts another gets it.
    const typing = this.terminal.contains(this.root.activeElement);
    this.frame.dataset["status"] = status;
    this.frame.ariaBusy = String(status === "starting");
    setText(this.#status, status === "idle" ? "not started" : status);
    setText(this.#heading, HEADINGS[status]);
    setText(this.button, status === "idle" ? "Start Linux" : "Start Linux again");
    setText(this.#amount, "");
    this.#progress.removeAttribute("value");
    if (status === "starting" || status === "idle") this.sayError("");
    if (typing && (status === "stopped" || status === "failed")) this.button.focus();
  }

  progress({ phase, loaded, total }: Progress): void {
    setText(this.#status, `starting: ${phase}`);
    setText(this.#heading, phase);
    // Other phases count boot messages.
    const amount = total > 0 ? `${bytesInWords(loaded)} of ${bytesInWords(total)}` : bytesInWords(loaded);
    setText(this.#amount, phase.startsWith("Downloading") ? amount : "");
    if (total > 0) {
      this.#progress.max = total;
      this.#progress.value = Math.min(loaded, total);
    } else {
      this.#progress.removeAttribute("value");
    }
  }

  /** Read out at once; one after the other where there are several. "" takes them away. */
  sayError(text: string): void {
    setText(this.#error, text && `${this.#error.textContent} ${text}`.trim());
  }
}

interface Fixed {
  readonly role?: string;
  readonly type?: "button" | "checkbox";
  readonly ariaLabel?: string;
}

/** An element that is a part of that name, and of that class. */
function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  part: string,
  fixed: Fixed = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = part;
  made.setAttribute("part", part);
  return Object.assign(made, fixed);
}

function around(part: string, ...children: readonly Node[]): HTMLElement {
  const made = make("div", part);
  made.append(...children);
  return made;
}

function slot(name: string): HTMLSlotElement {
  const made = document.createElement("slot");
  made.name = name;
  return made;
}

/** Leaves equal text alone: a live region is read out again otherwise. */
function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
