/** A moment: whole seconds since 1970, and nanoseconds within the second. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The moment that many milliseconds after 1970 began; fractions count. */
export function timestampOf(milliseconds: number): Timestamp {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanoseconds: Math.round((milliseconds - seconds * 1000) * 1e6) };
}
