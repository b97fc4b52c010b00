import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import xtermStyle from "@xterm/xterm/css/xterm.css?inline";
import type { Console } from "../client/index.js";
import { DARK, LIGHT } from "../page/terminal/colors.js";
import { sendInput, showOutput } from "../page/terminal/console-streams.js";
import { controlCharacter } from "../page/terminal/control-sequences.js";
import { addKeyRow } from "../page/terminal/key-row.js";
import type { LinuxVmAttributes } from "./attributes.js";
import { openLinks } from "./links.js";
import type { View } from "./view.js";

/** The attributes that a terminal follows. */
type Settings = Pick<LinuxVmAttributes, "theme" | "fontSize" | "readOnly" | "screenReader" | "label" | "command">;

/** xterm.js in the element's shadow root, connected to one machine's console after another. Colours and font are the style sheet's. */
export class ElementTerminal {
  readonly xterm: Terminal;
  /** Ctrl of the key row is down: it goes with the next character. */
  ctrlDown = false;
  onCtrlUsed: () => void = () => {};
  readonly #view: View;
  readonly #settings: Settings;
  readonly #fit = new FitAddon();
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly #sizes = new ResizeObserver(() => this.#fit.fit());
  #connected = false;
  #disposed = false;

  constructor(view: View, settings: Settings) {
    this.#view = view;
    this.#settings = settings;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(xtermStyle);
    // Before the element's own, which has the last word.
    view.root.adoptedStyleSheets = [sheet, ...view.root.adoptedStyleSheets.slice(-1)];
    // AA for every pair of colours that a program chooses.
    this.xterm = new Terminal({ lineHeight: 1.15, minimumContrastRatio: 4.5, scrollback: 5000, disableStdin: true });
    this.xterm.open(view.terminal);
    this.xterm.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    this.xterm.loadAddon(this.#fit);
    openLinks(this.xterm);
    view.keys.replaceChildren();
    addKeyRow(view.keys, this);
    this.#dark.addEventListener("change", this.update);
    this.update();
    this.#sizes.observe(view.terminal);
  }

  /** Takes over what the attributes and the style sheet say now. */
  readonly update = (): void => {
    if (this.#disposed) return;
    const { theme, fontSize, readOnly, screenReader, label } = this.#settings;
    const { fontFamily, fontSize: styled, color, backgroundColor } = getComputedStyle(this.#view.terminal);
    const dark = theme === "dark" || (theme === "auto" && this.#dark.matches);
    const colors: ITheme = { ...(dark ? DARK : LIGHT), foreground: color, background: backgroundColor };
    const { options } = this.xterm;
    options.theme = colors;
    options.fontFamily = fontFamily;
    options.fontSize = fontSize || Number.parseFloat(styled);
    options.screenReaderMode = screenReader;
    options.disableStdin = readOnly || !this.#connected;
    this.xterm.textarea!.ariaLabel = label === "" ? "Terminal input" : `${label}: terminal input`;
    this.#fit.fit();
  };

  /** Shows this console on a cleared screen until it ends, and types the command where one is given. */
  async connect(console: Console): Promise<void> {
    const ended = new AbortController();
    this.xterm.reset();
    console.resize(this.xterm.cols, this.xterm.rows);
    const resizing = this.xterm.onResize(({ cols, rows }) => console.resize(cols, rows));
    const { command } = this.#settings;
    const atPrompt = command === "" ? Promise.resolve() : this.#typeAtPrompt(console, command, ended.signal);
    const sending = atPrompt.then(() => {
      if (ended.signal.aborted) return;
      sendInput(this.xterm, console, (text) => this.#withCtrl(text), ended.signal);
      this.#setConnected(true);
    });
    sending.catch((error: unknown) => globalThis.console.debug("Input after the console's end:", error));
    await showOutput(console.readable, this.xterm);
    this.#setConnected(false);
    resizing.dispose();
    ended.abort();
  }

  releaseCtrl(): void {
    this.ctrlDown = false;
    this.onCtrlUsed();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#dark.removeEventListener("change", this.update);
    this.#sizes.disconnect();
    this.#view.keys.replaceChildren();
    this.xterm.dispose();
  }

  #setConnected(connected: boolean): void {
    this.#connected = connected;
    this.update();
  }

  /** A prompt leaves the cursor behind it; what is typed earlier is echoed twice. */
  async #typeAtPrompt({ writable }: Console, command: string, ended: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.xterm.buffer.active.cursorX === 0 && !ended.aborted) return;
        parsed.dispose();
        resolve();
      };
      const parsed = this.xterm.onWriteParsed(look);
      ended.addEventListener("abort", look);
    });
    if (ended.aborted) return;
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode(`${command}\r`));
    writer.releaseLock();
  }

  #withCtrl(text: string): string {
    if (!this.ctrlDown || text.length !== 1) return text;
    this.releaseCtrl();
    return controlCharacter(text);
  }

  /** Returns whether xterm.js should see the key. */
  #handleKey(event: KeyboardEvent): boolean {
    // Where nothing can be typed, Tab goes on to what is next.
    if (this.xterm.options.disableStdin && event.key === "Tab") return false;
    if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    if (event.code === "KeyL") {
      event.preventDefault();
      this.#view.screenReader.focus();
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
