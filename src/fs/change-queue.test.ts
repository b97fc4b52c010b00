import { beforeEach, describe, expect, test } from "vitest";
import { TimersDouble } from "../fuse/testing/timers-double.js";
import { ChangeQueue } from "./change-queue.js";

/** A task that ends when told to. */
function held(log: string[], name: string): { run: () => Promise<void>; end: () => void } {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    run: async () => {
      log.push(`${name} begins`);
      await ended;
      log.push(`${name} ends`);
    },
    end: () => end(),
  };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

test("what can run at once has ended at the return", () => {
  const queue = new ChangeQueue();
  expect(queue.ask({ changes: ["a"] }, () => 1)).toBe(1);
  expect(queue.behind({ changes: ["a"] }, () => {})).toBeUndefined();
  expect(queue.settled()).toBeUndefined();
  expect(queue.isClaimed("a")).toBe(false);
});

test("tasks that change the same run in order, others side by side", async () => {
  const queue = new ChangeQueue();
  const log: string[] = [];
  const [a1, b, a2] = [held(log, "a1"), held(log, "b"), held(log, "a2")];
  void queue.behind({ changes: ["a"] }, a1.run);
  void queue.behind({ changes: ["b"] }, b.run);
  void queue.behind({ changes: ["a"] }, a2.run);
  await turns();
  expect(log).toEqual(["a1 begins", "b begins"]);
  a2.end();
  a1.end();
  await turns();
  expect(log.slice(2)).toEqual(["a1 ends", "a2 begins", "a2 ends"]);
  b.end();
  await queue.settled();
  expect(queue.length).toBe(0);
});

test("users share, and a change waits for them all", async () => {
  const queue = new ChangeQueue();
  const log: string[] = [];
  const [u1, u2, change] = [held(log, "u1"), held(log, "u2"), held(log, "change")];
  void queue.ask({ uses: ["d"] }, u1.run);
  void queue.ask({ uses: ["d"] }, u2.run);
  void queue.behind({ changes: ["d"] }, change.run);
  u1.end();
  await turns();
  expect(log).toEqual(["u1 begins", "u2 begins", "u1 ends"]);
  u2.end();
  await turns();
  expect(log.at(-1)).toBe("change begins");
  change.end();
});

test("a barrier waits for everything, and everything for it", async () => {
  const queue = new ChangeQueue();
  const log: string[] = [];
  const [before, barrier, after] = [held(log, "before"), held(log, "barrier"), held(log, "after")];
  void queue.ask({ changes: ["a"] }, before.run);
  void queue.behind({ everything: true }, barrier.run);
  void queue.ask({ changes: ["b"] }, after.run);
  await turns();
  expect(log).toEqual(["before begins"]);
  before.end();
  await turns();
  barrier.end();
  await turns();
  expect(log.slice(1)).toEqual(["before ends", "barrier begins", "barrier ends", "after begins"]);
  after.end();
});

test("once the store has made us wait, what nobody waits for begins after the guest's slice", async () => {
  const queue = new ChangeQueue();
  await queue.ask({}, async () => {});
  let begun = false;
  void queue.behind({}, () => {
    begun = true;
  });
  expect(begun).toBe(false);
  expect(queue.ask({ changes: ["other"] }, () => "at once")).toBe("at once");
  await turns();
  expect(begun).toBe(true);
});

test("only so many tasks run behind, and those that someone waits for pass them", async () => {
  const queue = new ChangeQueue(undefined, 2);
  const log: string[] = [];
  const tasks = ["t1", "t2", "t3"].map((name) => held(log, name));
  for (const [i, { run }] of tasks.entries()) void queue.behind({ changes: [i + 10] as never }, run);
  await turns();
  expect(log).toEqual(["t1 begins", "t2 begins"]);
  void queue.ask({}, held(log, "read").run);
  expect(log.at(-1)).toBe("read begins");
  tasks[0]!.end();
  await turns();
  expect(log.at(-1)).toBe("t3 begins");
});

test("a failed task frees what it claimed", async () => {
  const queue = new ChangeQueue();
  await expect(queue.ask({ changes: ["a"] }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(() => queue.ask({ changes: ["a"] }, () => fail())).toThrow("at once");
  expect(queue.ask({ changes: ["a"] }, () => 2)).toBe(2);
});

describe("what is held back", () => {
  let timers: TimersDouble;
  let queue: ChangeQueue;
  let begun: string[];

  const behind = (key: string): void => void queue.behind({ changes: [key] }, () => void begun.push(key));
  const pass = async (milliseconds: number): Promise<void> => {
    timers.advance(milliseconds);
    await turns();
  };

  beforeEach(async () => {
    timers = new TimersDouble();
    queue = new ChangeQueue(timers);
    begun = [];
    await queue.ask({}, async () => {}); // the store has made us wait
  });

  test("begins when the guest has been quiet for a moment", async () => {
    behind("a");
    await pass(90);
    behind("b");
    await pass(90);
    expect(begun).toEqual([]);
    await pass(10);
    expect(begun).toEqual(["a", "b"]);
    expect(timers.waiting).toBe(0);
    behind("c");
    await turns();
    expect(begun).not.toContain("c");
    await pass(100);
    expect(begun).toContain("c");
  });

  test("begins after a second though the guest is never quiet", async () => {
    for (let i = 0; i < 19; i++) {
      behind(`key ${i}`);
      await pass(50);
    }
    expect(begun).toEqual([]);
    await pass(50);
    expect(begun.length).toBe(19);
  });

  test("begins when someone waits for some of it", async () => {
    behind("a");
    behind("b");
    expect(queue.ask({ changes: ["c"] }, () => "at once")).toBe("at once");
    await turns();
    expect(begun).toEqual([]);
    await queue.ask({ uses: ["a"] }, () => {});
    expect(begun).toEqual(["a", "b"]);
    expect(timers.waiting).toBe(0);
  });

  test("begins when someone waits for all of it, and what is added meanwhile ends too", async () => {
    const first = held(begun, "a");
    void queue.behind({ changes: ["a"] }, first.run);
    const settled = queue.settled();
    await turns();
    behind("b");
    await turns();
    expect(begun).toEqual(["a begins", "b"]);
    first.end();
    await settled;
    expect(queue.length).toBe(0);
  });
});

function fail(): never {
  throw new Error("at once");
}
