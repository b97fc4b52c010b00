import type { LeftoversApi } from "../machine/machine-api.js";
import type { Leftover } from "./leftover.js";
import type { WorkerConnection } from "./worker-connection.js";

type How = Parameters<LeftoversApi["end"]>[1];

/** The leftover files that the machine's Worker found. */
export async function leftovers(worker: WorkerConnection): Promise<readonly Leftover[]> {
  const found = await worker.call((api) => api.leftovers());
  if (!found) return [];
  const states = await worker.call(() => found.list());
  return states.map(({ id, ...facts }) => {
    const end = (how: How): Promise<string | undefined> => worker.call(() => found.end(id, how));
    return {
      ...facts,
      content: () => worker.call(() => found.content(id)),
      finish: async () => (await end("finish"))!,
      keepAsCopy: async () => (await end("copy"))!,
      discard: async () => void (await end("discard")),
    };
  });
}
