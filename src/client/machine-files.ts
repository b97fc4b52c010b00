import type { MachineOptions } from "../machine/machine-api.js";
import type { StartOptions } from "./types.js";

// Where the site's build has the machine's files: the Worker and what it imports among its own, the images in guest/ beside the page.
// The package's build takes packaged-files.ts in place of this file.

export function startWorker(name: string, _assets: StartOptions["assets"]): Worker {
  return new Worker(new URL("../machine/worker.ts?use-scheduling-api", import.meta.url), { type: "module", name });
}

export const notLoaded = (_assets: StartOptions["assets"]): string => "it did not load";

export function machineFiles(assets: StartOptions["assets"]): Pick<MachineOptions, "assets" | "files"> {
  return { assets: new URL(assets ?? "guest/", document.baseURI).href };
}
