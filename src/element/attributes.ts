import type { ShareOptions, ShareSource } from "../client/index.js";

/** A source, and how it is shared. */
export type LinuxVmShare = ShareOptions & { readonly source: ShareSource };
/** When the machine starts: at once, when the element is seen, or by the visitor's button. */
export type LinuxVmLoading = "eager" | "lazy" | "click";
/** The colours; "auto" are the system's. */
export type LinuxVmTheme = "light" | "dark" | "auto";

const LOADING: readonly LinuxVmLoading[] = ["lazy", "eager", "click"];
const THEMES: readonly LinuxVmTheme[] = ["auto", "light", "dark"];
const DEFAULT_MEMORY_MIB = 128;

/** What a framework may give to take an attribute away. */
type Nothing = null | undefined;

/** Where there is no DOM, as when a framework renders on a server, the class can be imported, but not made. */
const Base = (globalThis.HTMLElement as typeof HTMLElement | undefined) ?? (Object as unknown as typeof HTMLElement);

/** The attributes of `<linux-vm>` as properties: a property reads and writes its attribute, so that both are always in step. */
export class LinuxVmAttributes extends Base {
  static readonly observedAttributes: readonly string[] = [
    "loading",
    "theme",
    "font-size",
    "readonly",
    "screen-reader",
    "label",
    "aria-label",
  ];

  #shares: readonly LinuxVmShare[] = [];

  constructor() {
    super();
    this.#takeOver();
  }

  /** What is shared beside {@link share}: any source, with its options. Read when a machine starts. No attribute. */
  get shares(): readonly LinuxVmShare[] {
    return this.#shares;
  }
  set shares(value: readonly LinuxVmShare[] | Nothing) {
    this.#shares = value ?? [];
  }

  /** "opfs:NAME": a directory that the browser keeps for this site, mounted at `/mnt/NAME`. Read when a machine starts. */
  get share(): string {
    return this.getAttribute("share") ?? "";
  }
  set share(value: string | Nothing) {
    this.#reflect("share", value);
  }

  /** Typed into the shell, with Enter, when a machine has started. */
  get command(): string {
    return this.getAttribute("command") ?? "";
  }
  set command(value: string | Nothing) {
    this.#reflect("command", value);
  }

  /** When the machine starts: "lazy" when the element is seen (default), "eager" at once, "click" when the visitor says so. */
  get loading(): LinuxVmLoading {
    return oneOf(LOADING, this.getAttribute("loading"));
  }
  set loading(value: LinuxVmLoading | Nothing) {
    this.#reflect("loading", value);
  }

  /** Colours: "auto" has the system's (default). */
  get theme(): LinuxVmTheme {
    return oneOf(THEMES, this.getAttribute("theme"));
  }
  set theme(value: LinuxVmTheme | Nothing) {
    this.#reflect("theme", value);
  }

  /** Of the terminal, in CSS pixels; 0: the style sheet's (`--linux-vm-font-size`). Attribute `font-size`. */
  get fontSize(): number {
    return positive(this.getAttribute("font-size")) ?? 0;
  }
  set fontSize(value: number | Nothing) {
    this.#reflect("font-size", value || null);
  }

  /** The guest's RAM in MiB. Read when a machine starts; another than 128 boots instead of going on from the snapshot. */
  get memory(): number {
    return positive(this.getAttribute("memory")) ?? DEFAULT_MEMORY_MIB;
  }
  set memory(value: number | Nothing) {
    this.#reflect("memory", value);
  }

  /** Base URL of the machine's files (`StartOptions.assets`); "": where the package's build finds them. Read when a machine starts. */
  get assets(): string {
    return this.getAttribute("assets") ?? "";
  }
  set assets(value: string | URL | Nothing) {
    this.#reflect("assets", value);
  }

  /** The terminal takes no input. Attribute `readonly`. */
  get readOnly(): boolean {
    return this.hasAttribute("readonly");
  }
  set readOnly(value: boolean | Nothing) {
    this.toggleAttribute("readonly", Boolean(value));
  }

  /** The terminal's text is there for screen readers; the visitor can choose so below it. Attribute `screen-reader`. */
  get screenReader(): boolean {
    return this.hasAttribute("screen-reader");
  }
  set screenReader(value: boolean | Nothing) {
    this.toggleAttribute("screen-reader", Boolean(value));
  }

  /** What assistive technology calls the element; else its `aria-label`, else "Linux". */
  get label(): string {
    return this.getAttribute("label") ?? "";
  }
  set label(value: string | Nothing) {
    this.#reflect("label", value);
  }

  #reflect(name: string, value: string | number | URL | Nothing): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, String(value));
  }

  /** Properties that were set before the element was defined hide the accessors. */
  #takeOver(): void {
    for (const name of Object.keys(Object.getOwnPropertyDescriptors(LinuxVmAttributes.prototype))) {
      if (name === "constructor" || !Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name) as unknown;
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }
}

/** The first is what anything else stands for. */
function oneOf<T extends string>(values: readonly T[], value: string | null): T {
  return values.find((each) => each === value) ?? values[0]!;
}

function positive(text: string | null): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
