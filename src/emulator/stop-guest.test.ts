import { expect, test } from "vitest";
import { type V86DeviceCpu, type V86Instance, stopGuest } from "./v86.js";

test("a guest that sleeps is stopped at once", async () => {
  // As v86 0.5.462: it notices that it is to stop where it would go on, at the next timer or interrupt of the guest.
  let stopping: (() => void) | undefined;
  const v86 = { stop: () => new Promise<void>((resolve) => (stopping = resolve)) };
  const cpu = { stop_idling: () => stopping?.() };
  await stopGuest(v86 as V86Instance, cpu as V86DeviceCpu);
  expect(stopping).toBeDefined();
});
