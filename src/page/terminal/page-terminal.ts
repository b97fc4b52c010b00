import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { Console } from "../../client/index.js";
import { followColorScheme } from "./colors.js";
import { sendInput, showOutput } from "./console-streams.js";
import { controlCharacter } from "./control-sequences.js";

const NARROW = matchMedia("(max-width: 48rem)");
/** Bright black; "faint" would escape the minimum contrast. */
const MUTED = "\x1b[90m";
const PLAIN = "\x1b[0m";

/** What does not follow the visitor's system. */
export interface TerminalLook {
  readonly theme?: "light" | "dark";
  readonly fontSize?: number;
}

/** The terminal on the page: xterm.js, as large as its element, connected to one machine's console after another. */
export class PageTerminal {
  /** xterm.js itself: `globalThis.terminal`, for scripts and tests. */
  readonly xterm: Terminal;
  /** Called when the visitor leaves the terminal by keyboard (Ctrl+Shift+L). */
  onLeave: () => void = () => {};
  /** Called when Ctrl of the key row was used. */
  onCtrlUsed: () => void = () => {};
  /** Ctrl of the key row is down: it goes with the next character. */
  ctrlDown = false;

  constructor(parent: HTMLElement, { theme, fontSize }: TerminalLook = {}) {
    const size = (): number => fontSize ?? (NARROW.matches ? 12 : 14);
    this.xterm = new Terminal({
      fontFamily: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
      fontSize: size(),
      lineHeight: 1.15,
      // AA for every pair of colours that a program chooses.
      minimumContrastRatio: 4.5,
      scrollback: 5000,
      disableStdin: true,
    });
    this.xterm.open(parent);
    this.xterm.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    followColorScheme((colors) => (this.xterm.options.theme = colors), theme);
    NARROW.addEventListener("change", () => (this.xterm.options.fontSize = size()));
    const fit = new FitAddon();
    this.xterm.loadAddon(fit);
    fit.fit();
    new ResizeObserver(() => fit.fit()).observe(parent);
  }

  /** Prints the page's own words, not the machine's. */
  #say(text: string): void {
    // Breaks between words, which a terminal does not.
    const lines = text.replace(new RegExp(`(.{1,${this.xterm.cols}})(?:[ \\n]|$)`, "g"), "$1\r\n");
    this.xterm.write(`${MUTED}${lines}${PLAIN}`);
  }

  /** Shows this console until it ends: on a cleared screen with a greeting, or on what is there. */
  async connect(console: Console, greeting?: string): Promise<void> {
    const ended = new AbortController();
    if (greeting !== undefined) {
      this.xterm.reset();
      this.#say(greeting);
    }
    console.resize(this.xterm.cols, this.xterm.rows);
    const resizing = this.xterm.onResize(({ cols, rows }) => console.resize(cols, rows));
    sendInput(this.xterm, console, (text) => this.#withCtrl(text), ended.signal);
    this.xterm.options.disableStdin = false;
    await showOutput(console.readable, this.xterm);
    this.xterm.options.disableStdin = true;
    resizing.dispose();
    ended.abort();
  }

  focus(): void {
    this.xterm.focus();
  }

  releaseCtrl(): void {
    this.ctrlDown = false;
    this.onCtrlUsed();
  }

  #withCtrl(text: string): string {
    if (!this.ctrlDown || text.length !== 1) return text;
    this.releaseCtrl();
    return controlCharacter(text);
  }

  /** Returns whether xterm.js should see the key. */
  #handleKey(event: KeyboardEvent): boolean {
    if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    if (event.code === "KeyL") {
      event.preventDefault();
      this.onLeave();
      return false;
    }
    if (event.code === "KeyC" && this.xterm.hasSelection()) {
      // Chromium's own meaning, the developer tools, yields to the page's.
      event.preventDefault();
      void navigator.clipboard?.writeText(this.xterm.getSelection());
      return false;
    }
    return true;
  }
}
