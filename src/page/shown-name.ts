/** A name of Linux as text: bytes that are not UTF-8, which the machine gives as lone surrogates, are the replacement character. */
export function shownName(name: string): string {
  return name.replace(/\p{Surrogate}/gu, "\ufffd");
}
