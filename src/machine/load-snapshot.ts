import type { Progress } from "../client/types.js";
import type { EmulatorState } from "../emulator/emulator.js";
import { readSnapshot } from "../emulator/snapshot-file.js";
import { DEFAULT_MEMORY, fileUrl, type MachineOptions } from "./machine-api.js";

/** Beside the images, and fitting this code: put in by scripts/snapshot-plugin.mjs. Not there in the development server. */
declare const SNAPSHOT: { readonly key: string; readonly name: string } | undefined;

/** What the emulator's states of this build fit; two development servers are taken to be the same. */
export const BUILD = typeof SNAPSHOT === "undefined" ? "development" : SNAPSHOT.key;

/** What the page starts where its address asks for nothing else. */
export function defaultMachine(assets: string): MachineOptions {
  return { memory: DEFAULT_MEMORY, assets, images: {}, commandLine: "" };
}

/** Whether that is what `options` describe, but for where the images are. */
export function isDefaultMachine({ memory, commandLine, root, images }: MachineOptions): boolean {
  return memory === DEFAULT_MEMORY && commandLine === "" && root === undefined && Object.keys(images).length === 0;
}

/** The build's snapshot, where it is of the machine that `options` describe; undefined for another. */
export function loadSnapshot(
  options: MachineOptions,
  report: (progress: Progress) => void,
): Promise<EmulatorState> | undefined {
  if (typeof SNAPSHOT === "undefined" || !isDefaultMachine(options)) return undefined;
  return download(fileUrl(options, SNAPSHOT.name), SNAPSHOT.key, report);
}

async function download(url: URL, key: string, report: (progress: Progress) => void): Promise<EmulatorState> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  const total = Number(response.headers.get("content-length") ?? 0);
  let loaded = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller) {
      loaded += bytes.length;
      report({ phase: "Downloading Linux", loaded, total });
      controller.enqueue(bytes);
    },
  });
  return readSnapshot(response.body.pipeThrough(counter), key);
}
