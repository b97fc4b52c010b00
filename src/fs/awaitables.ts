import { type Awaitable, isPromise } from "../posix/awaitable.js";

/** Runs `run`, and `after` when it is over, however it ended. */
export function ensure<T>(run: () => Awaitable<T>, after: () => void): Awaitable<T> {
  let result: Awaitable<T>;
  try {
    result = run();
  } catch (error) {
    after();
    throw error;
  }
  if (isPromise(result)) return result.finally(after);
  after();
  return result;
}

/** Runs `run` on each item, all at once; ends when all have ended, with the first error if there was one. */
export function all<T>(items: Iterable<T>, run: (item: T) => Awaitable<void>): Awaitable<void> {
  const waiting: Promise<void>[] = [];
  for (const item of items) {
    const result = run(item);
    if (isPromise(result)) waiting.push(result);
  }
  if (waiting.length > 0) return Promise.all(waiting).then(() => undefined);
}

/** Runs `run` on each item, one after the other. */
export function inOrder<T>(items: Iterator<T>, run: (item: T) => Awaitable<void>): Awaitable<void> {
  for (let next = items.next(); next.done !== true; next = items.next()) {
    const result = run(next.value);
    if (isPromise(result)) return result.then(() => inOrder(items, run));
  }
}
