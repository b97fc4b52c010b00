import type { MachineOptions } from "../machine/machine-api.js";
import type { StartOptions } from "./types.js";

// Where the package has the machine's files, in place of machine-files.ts: in lib/machine, each under an address of its own, as bundlers
// look for `new URL("…", import.meta.url)`, written like that, and make an asset of the file; or all below a base URL.

/** `import.meta.url`, put in when Vite has looked for assets: it would put these into the script (scripts/package/build.mjs). */
declare const PACKAGE_ADDRESS: string;

function packaged(): Readonly<Record<string, string>> {
  return {
    "worker.js": new URL("./machine/worker.js", PACKAGE_ADDRESS).href,
    "v86.wasm": new URL("./machine/v86.wasm", PACKAGE_ADDRESS).href,
    "snapshot.bin": new URL("./machine/snapshot.bin", PACKAGE_ADDRESS).href,
    "manifest.json": new URL("./machine/manifest.json", PACKAGE_ADDRESS).href,
    bzImage: new URL("./machine/bzImage", PACKAGE_ADDRESS).href,
    "initramfs.img": new URL("./machine/initramfs.img", PACKAGE_ADDRESS).href,
    "seabios.bin": new URL("./machine/seabios.bin", PACKAGE_ADDRESS).href,
  };
}

export function machineFiles(assets: StartOptions["assets"]): Pick<MachineOptions, "assets" | "files"> {
  if (assets === undefined) return { assets: document.baseURI, files: packaged() };
  const base = new URL(assets, document.baseURI);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return { assets: base.href };
}

/** v86 yields by scheduler.postTask, not through a nested Worker, where its Worker's address says so. */
const YIELDS_BY_TASKS = "use-scheduling-api";

export function startWorker(name: string, assets: StartOptions["assets"]): Worker {
  const script = workerScript(assets);
  const url = new URL(script.origin === origin ? script : importing(script));
  url.hash = YIELDS_BY_TASKS;
  return new Worker(url, { type: "module", name });
}

/** What is said of a Worker that did not load: browsers do not tell a page why. */
export function notLoaded(assets: StartOptions["assets"]): string {
  const script = workerScript(assets);
  const [sent, source] =
    script.origin === origin ? ["", "'self'"] : [", with Access-Control-Allow-Origin", `blob: ${script.origin}`];
  return `${script.href} did not load. Its host must send it${sent}, and a Content-Security-Policy must allow it: worker-src ${source}`;
}

function workerScript(assets: StartOptions["assets"]): URL {
  const { assets: base, files } = machineFiles(assets);
  return new URL(files?.["worker.js"] ?? "worker.js", base);
}

/** A browser starts no Worker of another origin, but lets one of this origin import it. */
function importing(script: URL): string {
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(script.href)};`], { type: "text/javascript" }));
}
