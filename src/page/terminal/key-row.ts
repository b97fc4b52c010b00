import { keySequence } from "./control-sequences.js";
import type { Key } from "./control-sequences.js";
import type { PageTerminal } from "./page-terminal.js";

const KEYS: readonly { readonly key: Key | "Control"; readonly label: string; readonly name: string }[] = [
  { key: "Escape", label: "Esc", name: "Escape" },
  { key: "Control", label: "Ctrl", name: "Control, with the next key" },
  { key: "Tab", label: "Tab", name: "Tab" },
  { key: "ArrowLeft", label: "←", name: "Left" },
  { key: "ArrowUp", label: "↑", name: "Up" },
  { key: "ArrowDown", label: "↓", name: "Down" },
  { key: "ArrowRight", label: "→", name: "Right" },
];

/** The keys that touch keyboards lack. The style sheet shows the row where the pointer is coarse. */
export function addKeyRow(
  row: HTMLElement,
  terminal: Pick<PageTerminal, "xterm" | "ctrlDown" | "onCtrlUsed" | "releaseCtrl">,
): void {
  for (const { key, label, name } of KEYS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.ariaLabel = name;
    // Keeps the focus, and with it the touch keyboard, where it is.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    row.append(button);
    if (key === "Control") {
      button.ariaPressed = "false";
      button.addEventListener("click", () => {
        terminal.ctrlDown = !terminal.ctrlDown;
        button.ariaPressed = String(terminal.ctrlDown);
      });
      terminal.onCtrlUsed = () => (button.ariaPressed = "false");
    } else {
      button.addEventListener("click", () => {
        const { applicationCursorKeysMode } = terminal.xterm.modes;
        const ctrl = terminal.ctrlDown && key !== "Escape" && key !== "Tab";
        if (ctrl) terminal.releaseCtrl();
        terminal.xterm.input(keySequence(key, { applicationCursorKeys: applicationCursorKeysMode, ctrl }));
      });
    }
  }
}
