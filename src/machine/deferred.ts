/** A promise with its ends in hand (`Promise.withResolvers`, which Node 20 does not have). */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined); // Whoever awaits it hears of a rejection; that nobody does is no error.
  }
}
