import type { Share } from "./share.js";
import type { ShareState } from "./types.js";

/** The machine has the shares of these states and no others: each stays one object. `add` makes one that is not there. */
export function updateShares(
  shares: Map<string, Share>,
  states: readonly ShareState[],
  add: (state: ShareState) => Share,
): void {
  for (const tag of shares.keys()) if (!states.some((state) => state.tag === tag)) shares.delete(tag);
  for (const state of states) (shares.get(state.tag) ?? add(state)).update(state);
}
