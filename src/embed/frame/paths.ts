/** Files that a frame takes. */
export const MOST_FILES = 20_000;

/** A path below the share, whatever the archive says. */
export function safePath(path: string): string {
  const names = path.split(/[/\\]/).filter((name) => name !== "" && name !== ".");
  if (names.length === 0 || names.includes("..")) throw new Error(`The files have a path that leads outside: ${path}.`);
  return names.join("/");
}
