import type { V86 } from "v86";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lengthenTimer } from "./long-timer.js";
import { type GuestPorts, StoppedV86 } from "./testing/stopped-v86.js";
import { stopGuest, type V86Cpu } from "./v86.js";

const PIT_CHANNEL = 0x40;
const PIT_MODE = 0x43;
/** Mode 4, low byte and high byte: as Linux sets it. */
const ONE_SHOT = 0x38;
const BEFORE = 0x5f0;
const ROUND_MS = 54.925;

let v86: V86;
let cpu: V86Cpu & { device_raise_irq(line: number): void };
let ports: GuestPorts;
let raised: number;

beforeEach(async () => {
  const stopped = await StoppedV86.load();
  ({ v86, ports } = stopped);
  cpu = stopped.cpu as typeof cpu;
  lengthenTimer(cpu);
  raised = 0;
  cpu.device_raise_irq = (line) => {
    if (line === 0) raised++;
  };
});

afterEach(() => v86.destroy());

/** Sets the counter to half of its range; gives the time from which it counts. */
function setHalf(): number {
  ports.port_write8(PIT_MODE, ONE_SHOT);
  ports.port_write8(PIT_CHANNEL, 0x00);
  ports.port_write8(PIT_CHANNEL, 0x80);
  return cpu.devices.pit.counter_start_time[0]!;
}

test("our kernel knows the port by what it reads", () => {
  expect(ports.port_read16(BEFORE)).toBe(0x8253);
});

test("the counter begins after as many rounds as were asked for, and expires once", () => {
  const start = setHalf();
  ports.port_write16(BEFORE, 10);
  expect(cpu.run_hardware_timers(false, start)).toBeCloseTo(10.5 * ROUND_MS, 0);
  expect(cpu.run_hardware_timers(false, start + 300)).toBeCloseTo(10.5 * ROUND_MS - 300, 0);
  expect(cpu.run_hardware_timers(false, start + 10.2 * ROUND_MS)).toBeCloseTo(0.3 * ROUND_MS, 0);
  expect(raised).toBe(0);
  cpu.run_hardware_timers(false, start + 10.6 * ROUND_MS);
  expect(raised).toBe(1);
});

test("what is set anew counts from then", () => {
  setHalf();
  ports.port_write16(BEFORE, 1000);
  const start = setHalf();
  ports.port_write16(BEFORE, 0);
  expect(cpu.run_hardware_timers(false, start)).toBeCloseTo(0.5 * ROUND_MS, 0);
  cpu.run_hardware_timers(false, start + 0.6 * ROUND_MS);
  expect(raised).toBe(1);
});

test("an emulator sleeps for a second at most", () => {
  const start = setHalf();
  ports.port_write16(BEFORE, 0xffff);
  expect(cpu.run_hardware_timers(false, start)).toBe(1000);
});

test("one that sleeps stops at once", async () => {
  let woken = 0;
  cpu.main_loop = () => {
    woken++;
    return 1_000_000;
  };
  const running = new Promise<void>((resolve) => v86.add_listener("emulator-started", () => resolve()));
  void v86.run();
  await running;
  await expect.poll(() => woken).toBe(1);
  await stopGuest(v86, cpu);
  expect(v86.is_running()).toBe(false);
});
