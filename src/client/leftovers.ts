import type { MachineApi } from "../machine/machine-api.js";
import type { Leftover } from "./types.js";
import type { WorkerConnection } from "./worker-connection.js";

type How = Parameters<MachineApi["endLeftover"]>[1];

/** The leftover files that the machine's Worker found. */
export async function leftovers(worker: WorkerConnection): Promise<readonly Leftover[]> {
  const states = await worker.call((api) => api.leftovers());
  return states.map(({ id, ...facts }) => {
    const end = (how: How): Promise<string | undefined> => worker.call((api) => api.endLeftover(id, how));
    return {
      ...facts,
      content: () => worker.call((api) => api.leftoverContent(id)),
      finish: async () => (await end("finish"))!,
      keepAsCopy: async () => (await end("copy"))!,
      discard: async () => void (await end("discard")),
    };
  });
}
