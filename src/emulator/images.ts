/** What a machine boots from. v86 keeps the buffers, and writes its boot parameters into the kernel's. */
export interface BootImages {
  /** A Linux bzImage. */
  readonly kernel: ArrayBuffer;
  /** A cpio archive, compressed with what the kernel knows. Missing: the kernel mounts its root itself (`root=`). */
  readonly initramfs?: ArrayBuffer;
  /** SeaBIOS. */
  readonly bios: ArrayBuffer;
}

/** `header` of struct setup_header, Documentation/arch/x86/boot.rst. */
const KERNEL_MAGIC = "HdrS";
const KERNEL_MAGIC_OFFSET = 0x202;
const BIOS_MAXIMUM = 1024 * 1024;
/** v86 puts the initramfs there, and fails somewhere in a timer where it does not fit. */
const INITRAMFS_ADDRESS = 64 * 2 ** 20;

/** Throws an error that names what v86 could not boot from; v86 itself would only show a blank screen. */
export function checkImages({ kernel, initramfs, bios }: BootImages, memory: number): void {
  const magic = new Uint8Array(kernel).subarray(KERNEL_MAGIC_OFFSET, KERNEL_MAGIC_OFFSET + KERNEL_MAGIC.length);
  if (String.fromCharCode(...magic) !== KERNEL_MAGIC) {
    throw new Error(`The kernel is no Linux bzImage (${kernel.byteLength} bytes).`);
  }
  if (initramfs?.byteLength === 0) throw new Error("The initramfs is empty.");
  const least = initramfs ? INITRAMFS_ADDRESS + initramfs.byteLength : INITRAMFS_ADDRESS;
  if (!(memory >= least)) {
    const [has, needs] = [memory, least].map((bytes) => Math.ceil(bytes / 2 ** 20));
    throw new Error(`The machine has ${has} MiB of memory; with these images it needs at least ${needs}.`);
  }
  if (bios.byteLength === 0 || bios.byteLength > BIOS_MAXIMUM) {
    throw new Error(`The BIOS has ${bios.byteLength} bytes; it must have 1 to ${BIOS_MAXIMUM}.`);
  }
}

/**
 * Reads v86's WebAssembly module: a URL in a browser or Worker, a path or file URL under Node. Compiled while it arrives, which is
 * also how Chromium keeps its compiled code for the next visit.
 */
export async function readWasm(location: string): Promise<BufferSource | WebAssembly.Module> {
  try {
    if (typeof process === "object" && process.versions?.node) {
      const { readFile } = await import(/* @vite-ignore */ "node:fs/promises");
      return await readFile(location.startsWith("file:") ? new URL(location) : location);
    }
    const response = await fetch(location);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const isWasm = response.headers.get("content-type") === "application/wasm";
    return await (isWasm ? WebAssembly.compileStreaming(response) : response.arrayBuffer());
  } catch (cause) {
    throw new Error(`v86's WebAssembly module could not be loaded from ${location}: ${String(cause)}`, { cause });
  }
}
