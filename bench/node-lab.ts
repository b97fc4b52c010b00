import { createRequire } from "node:module";
import { builtInImages } from "../src/machine/testing/node-machine.js";
import { MemoryStore } from "../src/storage/memory/memory-store.js";
import { BenchMachine } from "./bench-machine.js";
import { readTools } from "./tools.js";
import { type Kernel, type Lab, type LabMachine, PLAN_9_MODULES } from "./lab.js";

/** Machines in this process, over stores in memory. */
export function nodeLab(programs: boolean): Lab {
  return {
    shares: ["memory"],
    host: `Node ${process.version}`,
    boot: (kernel) => boot(kernel, programs),
    processorTime: () => {
      const { user, system } = process.cpuUsage();
      return Promise.resolve((user + system) / 1000);
    },
    close: () => Promise.resolve(),
  };
}

async function boot(kernel: Kernel, programs: boolean): Promise<LabMachine> {
  const wasm = createRequire(import.meta.url).resolve("v86/build/v86.wasm");
  const images =
    kernel === "stock"
      ? (await import("../e2e/stock-kernel/stock-images.js")).stockImages(PLAN_9_MODULES)
      : builtInImages();
  const machine = await BenchMachine.boot(images, wasm);
  const store = (content = {}) =>
    ({ store: new MemoryStore(content), kind: "memory", name: "m", access: "read-write" }) as const;
  const tools = readTools(programs);
  await machine.share("tools", () => Promise.resolve(store(tools)));
  await machine.share("memory", () => Promise.resolve(store()));
  return {
    run: (commandLine) => machine.run(commandLine),
    statistics: (share) => Promise.resolve(machine.statistics(share)),
    stop: () => machine.stop(),
  };
}
