/** Thrown in the place of everything that would change what is stored, once the tab is dead. */
export class Killed extends Error {
  constructor() {
    super("the tab was killed");
  }
}

/** What changes a store or a log; everything else only looks. */
const CHANGES: ReadonlySet<PropertyKey> = new Set(
  "createFile createDirectory remove rename write truncate punch replace detach".split(" "),
);

/**
 * A tab that dies before its `survives`-th change of a store or log: what came before is there, and nothing more comes. Its
 * `wrap` gives the same object as the tab has it.
 */
export class DyingTab {
  /** Changes made. */
  changes = 0;
  readonly #originals = new WeakMap<object, object>();
  readonly #wrapped = new WeakMap<object, object>();

  constructor(private readonly survives = Number.POSITIVE_INFINITY) {}

  get isDead(): boolean {
    return this.changes > this.survives;
  }

  wrap<T extends object>(original: T): T {
    const there = this.#wrapped.get(original);
    if (there !== undefined) return there as T;
    const wrapped = new Proxy(original, { get: (target, key) => this.#get(target, key) });
    this.#wrapped.set(original, wrapped);
    this.#originals.set(wrapped, original);
    return wrapped;
  }

  #get(target: object, key: PropertyKey): unknown {
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== "function") return this.#out(value);
    return (...args: unknown[]): unknown => {
      if (CHANGES.has(key) && this.#dies()) throw new Killed();
      const unwrapped = args.map((arg) => (isObject(arg) ? (this.#originals.get(arg) ?? arg) : arg));
      return this.#out(Reflect.apply(value, target, unwrapped));
    };
  }

  #dies(): boolean {
    if (!this.isDead) this.changes++;
    return this.isDead;
  }

  /** Bytes and plain answers go as they are; what has methods is wrapped, in entries too. */
  #out(value: unknown): unknown {
    if (!isObject(value) || value instanceof Uint8Array || value instanceof Promise) return value;
    if (Array.isArray(value)) return value.map((item) => this.#out(item));
    if (Object.getPrototypeOf(value) !== Object.prototype) return this.wrap(value);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#out(item)]));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
