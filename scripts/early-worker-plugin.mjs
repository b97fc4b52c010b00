// A Vite plugin: the built page starts the machine's Worker before its own script is there, which takes long to load and to begin. The
// Worker goes on from the snapshot at once where the address asks for no other machine. src/client/worker-connection.ts takes it over.

/** @returns {import("vite").Plugin} */
export function earlyWorker() {
  return {
    name: "early-worker",
    apply: "build",
    enforce: "post",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const workers = Object.keys(bundle).filter((name) => /^assets\/worker-.*\.js$/.test(name));
        // A page of the tests has Workers of its own, by the same name: it starts none early.
        if (workers.length !== 1) return [];
        return [{ tag: "script", children: script(workers[0]), injectTo: "head-prepend" }];
      },
    },
  };
}

/** The same conditions as in VirtualMachine.start: where one does not hold, it says so. */
function script(file) {
  return `if (isSecureContext && window.WebAssembly) {
      const assets = location.search ? "" : " " + new URL("guest/", document.baseURI).href;
      const name = "v86-virtiofs:worker:" + crypto.randomUUID() + assets;
      const early = (window.earlyWorker = { name, worker: new Worker("./${file}", { type: "module", name }), events: [] });
      early.worker.onmessage = early.worker.onerror = (event) => early.events.push(event);
    }`;
}
