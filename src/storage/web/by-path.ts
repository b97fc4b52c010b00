/** What is known of files by their path in a share ("a/b"; the root is ""). */
export class ByPath<T> extends Map<string, T> {
  /** The values at `path` and below it, with their paths. */
  under(path: string): [string, T][] {
    return [...this].filter(([key]) => isUnder(key, path));
  }

  /** Follows a rename of what has nothing below it. */
  move(from: string, to: string): void {
    const value = this.get(from);
    this.delete(from);
    if (value === undefined) this.delete(to);
    else this.set(to, value);
  }

  /** Follows a rename of `from`, and everything below it, to `to`. What was known of `to` is forgotten. */
  rename(from: string, to: string): void {
    if (from === to) return;
    for (const [key] of this.under(to)) if (!isUnder(key, from)) this.delete(key);
    for (const [key, value] of this.under(from)) {
      this.delete(key);
      this.set(to + key.slice(from.length), value);
    }
  }
}

/** The path of an entry of the directory `parent`. */
export function childPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** True for `path` itself and for everything below it. */
export function isUnder(key: string, path: string): boolean {
  return path === "" || key === path || key.startsWith(`${path}/`);
}
