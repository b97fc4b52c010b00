/** A value that is at hand, or a promise of one. What is at hand is answered before the guest's next instruction. */
export type Awaitable<T> = T | Promise<T>;

/** True when `value` is not at hand yet. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Applies `next` at once where the value is at hand, and after it otherwise. */
export function chain<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Runs `operation`, and `rescue` with its error, thrown or rejected; what `rescue` throws comes out. */
export function recover<T>(operation: () => Awaitable<T>, rescue: (error: unknown) => Awaitable<T>): Awaitable<T> {
  let value: Awaitable<T>;
  try {
    value = operation();
  } catch (error) {
    return rescue(error);
  }
  return isPromise(value) ? value.catch(rescue) : value;
}
