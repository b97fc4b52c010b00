/**
 * A name of Linux as text that can be read for what it is: the replacement character stands for bytes that are not UTF-8, which the
 * machine gives as lone surrogates, for control characters, and for those that turn the direction of the letters around.
 */
export function shownName(name: string): string {
  return name.replace(/[\p{Surrogate}\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
