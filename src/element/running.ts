/** What `<linux-vm>` loads when its machine starts: the machine, xterm.js, and what belongs to them. */
import { MachineError, type Share, type StartOptions, VirtualMachine } from "../client/index.js";
import { UnsavedWarning } from "../page/shares/unsaved-warning.js";
import { deathNotice, shareFailure } from "../page/words.js";
import type { LinuxVmAttributes, LinuxVmShare } from "./attributes.js";

export { ElementTerminal } from "./element-terminal.js";

/** What becomes of a machine, told once it is ready; `text` is for the visitor. */
interface Observer {
  readonly signal: AbortSignal;
  progress: NonNullable<StartOptions["onProgress"]>;
  shared(share: Share): void;
  /** It runs, and something else does not. */
  failed(error: MachineError, text: string): void;
  /** It does not run any more. `error`: it has failed. */
  ended(status: "stopped" | "failed", error: MachineError | undefined, text: string): void;
}

/** A machine with what `settings` share, mounted. What cannot be shared is told, and Linux runs nevertheless. */
export async function startMachine(settings: LinuxVmAttributes, observer: Observer): Promise<VirtualMachine> {
  const { signal, progress } = observer;
  const { memory, assets, share, shares } = settings;
  signal.throwIfAborted();
  const vm = await VirtualMachine.start({
    memory: memory * 2 ** 20,
    ...(assets !== "" && { assets }),
    signal,
    onProgress: progress,
  });
  let died: MachineError | undefined;
  const unsaved = new UnsavedWarning();
  vm.addEventListener("shares", () => unsaved.update(vm.status === "ready" ? vm.shares : []));
  vm.addEventListener("status", (event) => {
    const { status, error } = (event as CustomEvent<{ status: "stopped" | "failed"; error?: MachineError }>).detail;
    unsaved.update([]);
    died = error ?? new MachineError("stopped", "Linux was switched off while it started.");
    observer.ended(status, error, status === "failed" ? deathNotice(error, vm.shares) : "");
  });
  for (const sharing of [...attributeShare(share), ...shares]) {
    if (signal.aborted) break;
    try {
      const { source, ...options } = sharing instanceof MachineError ? thrown(sharing) : sharing;
      observer.shared(await vm.share(source, options));
    } catch (error) {
      if (vm.status === "ready") observer.failed(MachineError.from(error), shareFailure(nameOf(sharing, share), error));
    }
  }
  if (!signal.aborted && vm.status === "ready") return vm;
  await vm.stop();
  throw died ?? signal.reason;
}

/** What the attribute `share` says: an error where it says something else than "opfs:NAME". */
function attributeShare(share: string): readonly (LinuxVmShare | MachineError)[] {
  if (share === "") return [];
  const name = /^opfs:(.+)$/s.exec(share)?.[1];
  if (name !== undefined) return [{ source: { opfs: name } }];
  return [new MachineError("bad-source", `the attribute share is not of the form "opfs:NAME"`)];
}

function thrown(error: MachineError): never {
  throw error;
}

function nameOf(sharing: LinuxVmShare | MachineError, attribute: string): string {
  if (sharing instanceof MachineError) return `“${attribute}”`;
  const { source, tag } = sharing;
  const name = tag ?? ("opfs" in source ? source.opfs : "name" in source ? source.name : undefined);
  return name === undefined || name === "" ? "A source" : `“${name}”`;
}
