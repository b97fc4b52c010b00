import type { ExecOptions, ExecResult, VirtualMachine } from "../client/index.js";
import { reason, startFailure } from "../page/words.js";
import { LinuxVmAttributes } from "./attributes.js";
import type { ElementTerminal } from "./element-terminal.js";
import type { LinuxVmElementEventMap, LinuxVmStatus } from "./events.js";
import { View } from "./view.js";

/** A machine that is starting or running. */
interface Attempt {
  readonly abort: AbortController;
  /** When it is ready, or is not any more. Never rejects. */
  readonly begun: Promise<void>;
  vm?: VirtualMachine;
}

/** A promise with its ends in hand. */
interface Ready {
  readonly promise: Promise<VirtualMachine>;
  readonly resolve: (vm: VirtualMachine) => void;
  readonly reject: (error: unknown) => void;
  rejected?: true;
}

/**
 * `<linux-vm>`: a Linux machine with its terminal. It is light: the machine and xterm.js are loaded when the machine starts.
 *
 * Slots: `poster` before and while it starts, `toolbar` above the terminal, `error` where the machine has failed.
 * Its machine lives while the element is in the document; moving the element keeps it.
 */
export class LinuxVmElement extends LinuxVmAttributes {
  readonly #view = new View(this.attachShadow({ mode: "open" }));
  readonly #seen = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) void this.#startQuietly();
  });
  #status: LinuxVmStatus = "idle";
  #ready = newReady();
  #attempt: Attempt | undefined;
  #terminal: ElementTerminal | undefined;
  /** The machine before has saved and let go of what it had. Never rejects. */
  #ended: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.#view.show("idle");
    this.#view.button.addEventListener("click", () => void this.#startQuietly(true));
    this.#view.screenReader.addEventListener("change", () => (this.screenReader = this.#view.screenReader.checked));
  }

  /** The machine, while there is one that is ready. */
  get vm(): VirtualMachine | undefined {
    return this.#attempt?.vm;
  }

  /** What its machine does; the event `status` tells when that changes. */
  get status(): LinuxVmStatus {
    return this.#status;
  }

  /** The machine that is ready, or the next that will be; rejects when it does not start. Another promise after each end. */
  get ready(): Promise<VirtualMachine> {
    return this.#ready.promise;
  }

  /** Starts a machine unless there is one, whatever {@link loading} says. */
  start(): Promise<VirtualMachine> {
    if (!this.isConnected) {
      return Promise.reject(new DOMException("A <linux-vm> starts in a document only.", "InvalidStateError"));
    }
    if (!this.#attempt) this.#begin();
    return this.#ready.promise;
  }

  /** Saves what is shared and ends the machine. Rejects with "not-saved" where something could not be saved; it has ended then too. */
  stop(): Promise<void> {
    return this.#stop("stopped");
  }

  /** Runs a command to its end; starts the machine where that has not happened. */
  async exec(command: string | readonly string[], options?: ExecOptions): Promise<ExecResult> {
    return (await this.start()).exec(command, options);
  }

  /** That of the terminal while the machine is ready, else of the button that starts it. */
  override focus(options?: FocusOptions): void {
    if (this.#terminal && this.vm) this.#terminal.xterm.textarea!.focus(options);
    else this.#view.button.focus(options);
  }

  override addEventListener<K extends keyof LinuxVmElementEventMap>(
    type: K,
    listener: (this: LinuxVmElement, event: LinuxVmElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(...parameters: Parameters<HTMLElement["addEventListener"]>): void {
    super.addEventListener(...parameters);
  }

  override removeEventListener<K extends keyof LinuxVmElementEventMap>(
    type: K,
    listener: (this: LinuxVmElement, event: LinuxVmElementEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(...parameters: Parameters<HTMLElement["removeEventListener"]>): void {
    super.removeEventListener(...parameters);
  }

  connectedCallback(): void {
    this.#update();
    this.#arm();
  }

  /** `moveBefore`: nothing ends. */
  connectedMoveCallback(): void {}

  /** A script that moves the element puts it back before the next task. */
  disconnectedCallback(): void {
    this.#seen.disconnect();
    setTimeout(() => {
      if (!this.isConnected) this.#dispose();
    });
  }

  attributeChangedCallback(name: string): void {
    this.#update();
    if (name === "loading" && this.isConnected) this.#arm();
  }

  /** Starts, or waits for what {@link loading} says, where there is no machine yet. */
  #arm(): void {
    this.#seen.disconnect();
    if (this.#status !== "idle") return;
    if (this.loading === "eager") void this.#startQuietly();
    else if (this.loading === "lazy") this.#seen.observe(this);
  }

  /** For who has no use for the promise: what fails is shown, and told by the event `error`. */
  async #startQuietly(focus = false): Promise<void> {
    try {
      await this.start();
      if (focus && [document.body, this].includes(document.activeElement as HTMLElement)) this.focus();
    } catch (error) {
      console.debug("<linux-vm>:", error);
    }
  }

  #update(): void {
    this.#view.frame.ariaLabel = this.label || this.ariaLabel || "Linux";
    this.#view.screenReader.checked = this.screenReader;
    this.#terminal?.update();
  }

  #begin(): void {
    this.#seen.disconnect();
    if (this.#ready.rejected) this.#ready = newReady();
    const attempt: Attempt = { abort: new AbortController(), begun: Promise.resolve().then(() => this.#run(attempt)) };
    this.#attempt = attempt;
    this.#setStatus("starting");
  }

  async #run(attempt: Attempt): Promise<void> {
    const { signal } = attempt.abort;
    try {
      await this.#ended;
      const { ElementTerminal, startMachine } = await import("./running.js");
      signal.throwIfAborted();
      this.#terminal ??= new ElementTerminal(this.#view, this);
      const vm = await startMachine(this, {
        signal,
        progress: (progress) => void (this.#attempt === attempt && this.#view.progress(progress)),
        shared: (share) => this.#dispatch("share", { share }),
        failed: (error, text) => this.#fail(error, text),
        ended: (status, error, text) => this.#died(attempt, status, error, text),
      });
      attempt.vm = vm;
      this.#setStatus("ready");
      void this.#terminal.connect(vm.console);
      this.#ready.resolve(vm);
      this.#dispatch("ready", { vm });
    } catch (error) {
      if (this.#attempt !== attempt) return; // It was stopped.
      this.#attempt = undefined;
      this.#rejectReady(error);
      this.#setStatus("failed");
      this.#fail(error, startFailure(error));
    }
  }

  /** `status`: what it is then; "idle" at once, as another may be started before this one has saved. */
  async #stop(status: "stopped" | "idle"): Promise<void> {
    const attempt = this.#attempt;
    if (status === "idle") this.#setStatus(status);
    if (!attempt) return this.#ended;
    this.#attempt = undefined;
    const reason = new DOMException("The machine was stopped.", "AbortError");
    attempt.abort.abort(reason);
    if (!attempt.vm) this.#rejectReady(reason);
    this.#ready = newReady();
    const stopped = attempt.vm ? attempt.vm.stop() : attempt.begun;
    this.#ended = stopped.catch(() => undefined); // Told to who stopped it.
    try {
      await stopped;
    } finally {
      if (!this.#attempt) this.#setStatus(status);
    }
  }

  /** The machine ended by itself. Before it was ready, its start fails. */
  #died(attempt: Attempt, status: "stopped" | "failed", error: unknown, text: string): void {
    if (this.#attempt !== attempt || !attempt.vm) return;
    this.#attempt = undefined;
    this.#ready = newReady();
    this.#ended = attempt.vm.stop().catch(() => undefined); // Lets go of what it had.
    this.#setStatus(status);
    if (text !== "") this.#fail(error, text);
  }

  /** The element is gone from its document. */
  #dispose(): void {
    const terminal = this.#terminal;
    this.#terminal = undefined;
    const stopped = this.#stop("idle").catch((error: unknown) =>
      this.#fail(error, `Linux was stopped: ${reason(error)}`),
    );
    this.#ended = stopped.then(() => terminal?.[Symbol.dispose]());
  }

  #setStatus(status: LinuxVmStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#view.show(status);
    this.#dispatch("status", { status });
  }

  #fail(error: unknown, message: string): void {
    this.#view.sayError(message);
    this.dispatchEvent(new ErrorEvent("error", { error, message }));
  }

  #rejectReady(error: unknown): void {
    this.#ready.reject(error);
    this.#ready.rejected = true;
  }

  #dispatch(type: "status" | "ready" | "share", detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function newReady(): Ready {
  let resolve!: Ready["resolve"];
  let reject!: Ready["reject"];
  const promise = new Promise<VirtualMachine>((...ends) => ([resolve, reject] = ends));
  promise.catch(() => undefined); // The event `error` tells.
  return { promise, resolve, reject };
}
