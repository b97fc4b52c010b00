import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { GuestClock } from "./guest-clock.js";

const HOUR = 3_600_000;
let slept = 0;
let clock: GuestClock;
const set = vi.fn<() => boolean>();

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  slept = 0;
  set.mockReset().mockReturnValue(true);
  clock = new GuestClock(set, { now: () => Date.now() + slept, monotonic: () => Date.now() });
});

afterEach(() => {
  clock.stop();
  vi.useRealTimers();
});

it("says nothing while both clocks go on", () => {
  vi.advanceTimersByTime(HOUR);
  expect(set).not.toHaveBeenCalled();
});

it("tells the guest once that the computer slept, or its clock was set", () => {
  slept = HOUR;
  vi.advanceTimersByTime(10_000);
  expect(set).toHaveBeenCalledOnce();
  slept = -150;
  vi.advanceTimersByTime(HOUR);
  expect(set).toHaveBeenCalledTimes(2);
});

it("tells it later where it cannot be told", () => {
  set.mockReturnValueOnce(false);
  slept = HOUR;
  vi.advanceTimersByTime(HOUR);
  expect(set).toHaveBeenCalledTimes(2);
});

it("leaves a clock alone that is adjusted by little", () => {
  slept = 50;
  vi.advanceTimersByTime(HOUR);
  expect(set).not.toHaveBeenCalled();
});

it("ends with the machine", () => {
  clock.stop();
  slept = HOUR;
  vi.advanceTimersByTime(HOUR);
  expect(set).not.toHaveBeenCalled();
});
