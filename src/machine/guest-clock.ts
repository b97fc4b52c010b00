/** The host's clocks, in milliseconds. */
export interface HostClocks {
  /** Since 1970. */
  now(): number;
  /** Since some moment, and never set; what v86 makes the guest's TSC of. */
  monotonic(): number;
}

const EVERY_MS = 10_000;
/** What Linux's and the browser's clocks may be apart. */
const TOLERANCE_MS = 100;

/**
 * Keeps the guest's clock the host's. Files of a share get their times from the host's, those of the guest's own file systems and what
 * programs ask for come from the guest's, and `make` compares them. The guest's goes on by its TSC, which stands still while a laptop sleeps and does not hear
 * of a clock that was set; at boot it comes from v86's RTC, which has whole seconds.
 */
export class GuestClock {
  readonly #timer: ReturnType<typeof setInterval>;
  #offset: number;

  /** `set` tells the guest the time, which it has been told just now. False: it cannot be told now, and is asked again. */
  constructor(
    set: () => boolean,
    private readonly clocks: HostClocks = { now: () => Date.now(), monotonic: () => performance.now() },
  ) {
    this.#offset = this.#measured();
    this.#timer = setInterval(() => {
      const offset = this.#measured();
      if (Math.abs(offset - this.#offset) > TOLERANCE_MS && set()) this.#offset = offset;
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #measured(): number {
    return this.clocks.now() - this.clocks.monotonic();
  }
}
