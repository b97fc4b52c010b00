import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { MemoryFile } from "../../storage/memory/memory-file.js";
import { MemoryStore } from "../../storage/memory/memory-store.js";
import type { Images } from "../assets.js";
import { exitCode, runInGuest } from "../guest-command.js";
import { type BootOptions, Machine } from "../machine.js";
import { DEFAULT_MEMORY, type MachineEvent } from "../machine-api.js";
import type { OpenedSource } from "../active-share.js";

/** The guest that is served with the page. */
export function builtInImages(): Images {
  const load = (name: string): ArrayBuffer => new Uint8Array(readFileSync(`public/guest/${name}`)).buffer;
  const manifest = JSON.parse(readFileSync("public/guest/manifest.json", "utf8")) as { cmdline: string };
  return {
    kernel: load("bzImage"),
    initramfs: load("initramfs.img"),
    bios: load("seabios.bin"),
    commandLine: manifest.cmdline,
  };
}

/** A whole machine under Node: v86, a real kernel, our devices. */
export function bootUnderNode(
  images = builtInImages(),
  notify: (event: MachineEvent) => void = () => undefined,
  options: Partial<Pick<BootOptions, "root" | "memory">> = {},
): Promise<Machine> {
  return Machine.boot({ ...images, memory: DEFAULT_MEMORY, wasm: builtInWasm(), ...options }, notify);
}

/** Path of v86's WebAssembly module. */
export function builtInWasm(): string {
  return createRequire(import.meta.url).resolve("v86/build/v86.wasm");
}

/** Adds a memory store to the machine under `tag`. */
export async function shareMemory(
  machine: Machine,
  tag: string,
  store = new MemoryStore(),
  access: OpenedSource["access"] = "read-write",
): Promise<MemoryStore> {
  await machine.shares.add(tag, { tag }, () => Promise.resolve({ store, kind: "memory", name: tag, access }));
  return store;
}

/** Runs a shell command line in the guest and gives what it printed; an exit code other than 0 is an error. */
export async function shell(machine: Pick<Machine, "agent">, commandLine: string): Promise<string> {
  const result = await runInGuest(machine.agent, ["/bin/sh", "-c", commandLine]);
  if (result.status !== 0) {
    throw new Error(`${commandLine}\nexit code ${exitCode(result.status)}: ${result.stderr}${result.stdout}`);
  }
  return result.stdout;
}

/** The bytes that the host has of a file in the root of `store`. */
export function readHost(store: Pick<MemoryStore, "root">, name: string): Uint8Array {
  const entry = store.root.get(name);
  if (entry?.kind !== "file") throw new Error(`The host has no file ${name}.`);
  return (entry.file as MemoryFile).bytes();
}
