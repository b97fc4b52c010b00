import type { Image, Progress } from "../client/types.js";
import { fileUrl, type MachineOptions } from "./machine-api.js";
import { MachineError } from "./machine-error.js";
import { isRefused, refusesWasm } from "./refusals.js";

/** The images a machine boots from, whole in memory. */
export interface Images {
  readonly kernel: ArrayBuffer;
  readonly initramfs: ArrayBuffer;
  readonly bios: ArrayBuffer;
  /** Kernel command line that they were built for. */
  readonly commandLine: string;
}

/** The part of `manifest.json` (written by `guest/build.sh`) that booting needs. */
interface Manifest {
  readonly cmdline: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** File names under the assets' base URL. */
const FILES = { kernel: "bzImage", initramfs: "initramfs.img", bios: "seabios.bin" } as const;
type Role = keyof typeof FILES;

/** Loads what `options` name, all at once, and tells how many bytes are there of how many. */
export async function loadImages(options: MachineOptions, report: (progress: Progress) => void): Promise<Images> {
  const manifest = await loadManifest(fileUrl(options, "manifest.json"));
  const loaded = new Map<Role, number>();
  const sizes = new Map(manifest.files.map((file) => [file.name, file.bytes]));
  const roles = Object.keys(FILES) as Role[];
  const total = roles.reduce((sum, role) => sum + (options.images[role] ? 0 : (sizes.get(FILES[role]) ?? 0)), 0);
  const load = async (role: Role): Promise<ArrayBuffer> => {
    const image: Image = options.images[role] ?? fileUrl(options, FILES[role]);
    if (image instanceof Uint8Array) return image.slice().buffer;
    const content = await download(new URL(image), (bytes) => {
      loaded.set(role, bytes);
      report({ phase: "Downloading Linux", loaded: [...loaded.values()].reduce((sum, part) => sum + part, 0), total });
    });
    const expected = options.images[role] ? undefined : sizes.get(FILES[role]);
    if (expected !== undefined && expected !== content.byteLength) {
      throw failed(new URL(image), `it has ${content.byteLength} bytes, and manifest.json says ${expected}`);
    }
    return content;
  };
  const [kernel, initramfs, bios] = await Promise.all([load("kernel"), load("initramfs"), load("bios")]);
  return { kernel, initramfs, bios, commandLine: manifest.cmdline };
}

async function loadManifest(url: URL): Promise<Manifest> {
  const text = new TextDecoder().decode(await download(url));
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    // A host that answers everything with its start page, most likely.
    throw failed(url, "it is not the list of images that guest/build.sh writes", error);
  }
}

/** What is said where v86's WebAssembly module did not load. */
export function wasmFailure(cause: Error): MachineError {
  const advice = `A Content-Security-Policy must allow WebAssembly in the machine's Worker: script-src 'wasm-unsafe-eval'. `;
  return new MachineError("boot-failed", (refusesWasm() ? advice : "") + cause.message, { cause });
}

function failed(url: URL, why: string, cause?: unknown, advice = "Check the connection and try again."): MachineError {
  return new MachineError("boot-failed", `${url.pathname} could not be loaded: ${why}. ${advice}`, { cause });
}

/** Fetches `url` whole; `progress` gets the number of bytes so far. */
async function download(url: URL, progress?: (bytes: number) => void): Promise<ArrayBuffer> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    if (!(await isRefused(url))) throw failed(url, "the server could not be reached", error);
    const source = url.protocol.startsWith("http") ? url.origin : url.protocol;
    throw failed(url, "a Content-Security-Policy does not allow it", error, `It needs connect-src ${source}`);
  }
  if (!response.ok || !response.body)
    throw failed(url, `the server answered ${response.status} ${response.statusText}`.trim());
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    const reader = response.body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      parts.push(chunk.value);
      bytes += chunk.value.length;
      progress?.(bytes);
    }
  } catch (error) {
    throw failed(url, `the connection broke off after ${bytes} bytes`, error);
  }
  return new Blob(parts).arrayBuffer();
}
