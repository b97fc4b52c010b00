/** A Web Lock that is held until it is released, or until its worker dies. */
export interface HeldLock {
  release(): void;
}

/** Takes the Web Lock of that name, or gives undefined where another tab or worker has it in a way that excludes `mode`. */
export async function holdLock(name: string, mode: LockMode = "exclusive"): Promise<HeldLock | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, { mode, ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(undefined);
        return new Promise<void>((release) => resolve({ release }));
      })
      .catch(reject);
  });
}
