/** Machines that run at once in the frames of one page. */
export const MOST_AT_ONCE = 4;

interface Slot {
  running: boolean;
  /** Waits for its turn. */
  turn?: (() => void) | undefined;
}

declare global {
  /** Read by the other frames of ours in the same page: they have one origin. Web Locks are denied where storage is (Chromium 156). */
  var embedSlot: Slot | undefined;
}

/**
 * Takes one of the places for machines that run at once in this page's frames. `wait` is called where none is free. The result, or
 * the end of the frame, gives it to the next.
 */
export async function takeSlot(wait: () => void): Promise<() => void> {
  const own: Slot = (globalThis.embedSlot = { running: false });
  if (slotsOfPage().filter((slot) => slot.running).length >= MOST_AT_ONCE) {
    wait();
    // Whoever gives the place away has counted it as ours.
    await new Promise<void>((turn) => (own.turn = turn));
  }
  own.running = true;
  const release = (): void => {
    if (!own.running) return;
    own.running = false;
    const next = slotsOfPage().find((slot) => slot.turn);
    if (!next) return;
    const { turn } = next;
    next.turn = undefined;
    next.running = true;
    turn?.();
  };
  addEventListener("pagehide", release);
  return release;
}

function slotsOfPage(): Slot[] {
  const found: Slot[] = [];
  for (let index = 0; index < parent.length; index++) {
    try {
      const { embedSlot } = parent[index] as Window & typeof globalThis;
      if (embedSlot) found.push(embedSlot);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // SecurityError: a frame of another origin
    }
  }
  return found;
}
