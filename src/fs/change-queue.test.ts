import { expect, test } from "vitest";
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
  const queue = new ChangeQueue(2);
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

function fail(): never {
  throw new Error("at once");
}
