/** The host's clock and timers. */
export interface Timers {
  /** Milliseconds since some moment, with fractions. */
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}
