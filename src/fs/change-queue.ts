import { type Awaitable, isPromise } from "../posix/awaitable.js";
import type { Timers } from "../posix/timers.js";
import { Lull } from "./lull.js";

/** A node, or one name in a directory. */
export type Key = object | string;

/** What a task needs to hold still: tasks that share a key run in the order they were added, unless both only use it. */
export interface Claim {
  readonly uses?: readonly Key[];
  readonly changes?: readonly Key[];
  /** Everything before has ended, and nothing after has begun. */
  readonly everything?: boolean;
}

interface Task {
  readonly claim: Claim;
  /** Someone waits for its result. */
  readonly urgent: boolean;
  /** Nobody waits for it, or it waits for such a task. */
  isBehind: boolean;
  /** Tasks that must end first. */
  blockers: number;
  /** Tasks that wait for this one, once for each reason. */
  readonly dependants: Task[];
  begin: () => void;
}

interface Claimants {
  last: Task | undefined;
  users: Set<Task>;
}

/**
 * The order in which a store is asked. Tasks run in the order they were added as far as their claims meet, and side by side
 * otherwise, since each wait for a browser's storage costs a slice of the emulator, and slices are shared. A task that can run
 * at once on a store that answers at once has ended when `ask` or `behind` returns.
 *
 * On other stores the tasks that nobody waits for are held back until the guest is quiet, as a disk's are by Linux: the store's
 * work takes the thread from the guest, and what is gone by then is never made. They begin together, and go on until none is left.
 *
 * A task must not wait for another task.
 */
export class ChangeQueue {
  readonly #tasks = new Set<Task>();
  readonly #claimants = new Map<Key, Claimants>();
  readonly #urgent = new Set<Task>();
  readonly #ready = new Set<Task>();
  /** Missing: nothing is held back. */
  readonly #lull: Lull | undefined;
  #barrier: Task | undefined;
  /** Tasks of `behind` that have not ended. */
  #behind = 0;
  #isHolding: boolean;
  #running = 0;
  #pumping = false;
  #scheduled = false;
  #asynchronous = false;

  /** `timers`: what nobody waits for is held back. `concurrency`: how many tasks of `behind` run side by side. */
  constructor(
    timers?: Timers,
    private readonly concurrency = 16,
  ) {
    this.#lull = timers && new Lull(timers, () => this.hurry());
    this.#isHolding = timers !== undefined;
  }

  /** Tasks that have not ended. */
  get length(): number {
    return this.#tasks.size;
  }

  /** Adds a task whose result someone waits for. */
  ask<T>(claim: Claim, run: () => Awaitable<T>): Awaitable<T> {
    return this.#add(claim, true, run);
  }

  /**
   * Adds a task that nobody waits for; `run` does not fail. On a store that has answered with a promise before, it begins at the
   * soonest when the guest's slice is over: by then the guest may have forgotten what the task was about.
   */
  behind(claim: Claim, run: () => Awaitable<void>): Awaitable<void> {
    return this.#add(claim, false, run);
  }

  /** Ends when every task added so far has. */
  settled(): Awaitable<void> {
    if (this.#tasks.size === 0) return;
    this.hurry();
    return new Promise((begin) => {
      const task: Task = { claim: {}, urgent: true, isBehind: false, blockers: 0, dependants: [], begin };
      for (const earlier of this.#tasks) block(task, earlier);
    });
  }

  /** Holds nothing back any more, until all that was added meanwhile has ended too. */
  hurry(): void {
    if (!this.#isHolding || this.#behind === 0) return;
    this.#isHolding = false;
    this.#lull?.stop();
    this.#schedule();
  }

  /** True while a task that has not ended claims the key. */
  isClaimed(key: Key): boolean {
    return this.#claimants.has(key);
  }

  #add<T>(claim: Claim, urgent: boolean, run: () => Awaitable<T>): Awaitable<T> {
    const task: Task = { claim, urgent, isBehind: !urgent, blockers: 0, dependants: [], begin: () => {} };
    if (!urgent) this.#behind++;
    this.#enter(task);
    if (task.blockers === 0 && (urgent || !this.#asynchronous)) {
      this.#count(task);
      return this.#run(task, run);
    }
    if (urgent && task.isBehind) this.hurry();
    else if (!urgent && this.#isHolding) this.#lull?.changed();
    const begun = new Promise<void>((begin) => (task.begin = begin));
    if (task.blockers === 0) {
      this.#ready.add(task);
      this.#schedule();
    }
    return begun.then(() => this.#run(task, run));
  }

  #enter(task: Task): void {
    const { uses = [], changes = [], everything = false } = task.claim;
    if (everything) {
      for (const earlier of this.#tasks) block(task, earlier);
      this.#barrier = task;
    } else if (this.#barrier !== undefined) {
      block(task, this.#barrier);
    }
    this.#tasks.add(task);
    for (const key of uses) {
      const claimants = this.#claimantsOf(key);
      if (claimants.last !== undefined) block(task, claimants.last);
      claimants.users.add(task);
    }
    for (const key of changes) {
      const claimants = this.#claimantsOf(key);
      if (claimants.last !== undefined) block(task, claimants.last);
      for (const user of claimants.users) if (user !== task) block(task, user);
      claimants.last = task;
      claimants.users = new Set();
    }
  }

  #run<T>(task: Task, run: () => Awaitable<T>): Awaitable<T> {
    let result: Awaitable<T>;
    try {
      result = run();
    } catch (error) {
      this.#leave(task);
      throw error;
    }
    if (!isPromise(result)) {
      this.#leave(task);
      return result;
    }
    this.#asynchronous = true;
    return result.finally(() => this.#leave(task));
  }

  #leave(task: Task): void {
    if (!task.urgent) {
      this.#running--;
      if (--this.#behind === 0) this.#isHolding = this.#lull !== undefined;
    }
    this.#tasks.delete(task);
    if (this.#barrier === task) this.#barrier = undefined;
    for (const key of [...(task.claim.uses ?? []), ...(task.claim.changes ?? [])]) {
      const claimants = this.#claimants.get(key);
      if (claimants === undefined) continue;
      if (claimants.last === task) claimants.last = undefined;
      claimants.users.delete(task);
      if (claimants.last === undefined && claimants.users.size === 0) this.#claimants.delete(key);
    }
    for (const dependant of task.dependants) {
      if (--dependant.blockers === 0) (dependant.urgent ? this.#urgent : this.#ready).add(dependant);
    }
    this.#pump();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    void Promise.resolve().then(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Begins what may begin: what someone waits for first. */
  #pump(): void {
    if (this.#pumping) return; // the loop below goes on with what was added
    this.#pumping = true;
    for (;;) {
      const from = this.#urgent.size > 0 ? this.#urgent : this.#ready;
      if (from === this.#ready && (this.#isHolding || this.#running >= this.concurrency)) break;
      const [task] = from;
      if (task === undefined) break;
      from.delete(task);
      this.#count(task);
      task.begin();
    }
    this.#pumping = false;
  }

  /** The task begins, now or as soon as what is running has ended. */
  #count(task: Task): void {
    if (!task.urgent) this.#running++;
  }

  #claimantsOf(key: Key): Claimants {
    let claimants = this.#claimants.get(key);
    if (claimants === undefined) {
      claimants = { last: undefined, users: new Set() };
      this.#claimants.set(key, claimants);
    }
    return claimants;
  }
}

function block(task: Task, earlier: Task): void {
  if (task === earlier) return;
  task.blockers++;
  task.isBehind ||= earlier.isBehind;
  earlier.dependants.push(task);
}
