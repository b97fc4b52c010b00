/** Something that the visitor should know, and perhaps do something about. */
export interface Message {
  /** A later message with the same key takes its place. */
  readonly key: string;
  readonly kind: "error" | "warning" | "notice";
  readonly text: string;
  readonly actions?: readonly { readonly label: string; readonly run: () => void }[];
  readonly dismissed?: () => void;
}

/** The list of messages above the terminal. Each is read out when it comes (role=alert) and stays until dismissed or cleared. */
export class Messages {
  readonly #parent: HTMLElement;
  readonly #shown = new Map<string, HTMLElement>();

  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  show(message: Message): void {
    this.clear(message.key);
    const box = document.createElement("div");
    box.className = "message";
    box.dataset["kind"] = message.kind;
    box.role = "alert";
    const text = document.createElement("p");
    text.textContent = message.text;
    box.append(text);
    for (const { label, run } of message.actions ?? []) {
      box.append(
        button(label, "", () => {
          this.clear(message.key);
          run();
        }),
      );
    }
    box.append(
      button("Dismiss", "plain", () => {
        this.clear(message.key);
        message.dismissed?.();
      }),
    );
    this.#parent.append(box);
    this.#shown.set(message.key, box);
  }

  clear(key: string): void {
    this.#shown.get(key)?.remove();
    this.#shown.delete(key);
  }
}

function button(label: string, className: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", onClick);
  return made;
}
