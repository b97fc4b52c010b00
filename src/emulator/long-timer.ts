import type { V86Cpu } from "./v86.js";

/** `PIT_BEFORE` of guest/patches/i8253-long-waits.patch: 16 bits, by which our kernel knows it, and sets it. */
const PORT = 0x5f0;
const SIGNATURE = 0x8253;
/** The PIT's, as v86 has it. */
const TICKS_A_MS = 1193.1816666;
const ROUND_MS = 65_536 / TICKS_A_MS;
/** What v86's timers answer where none of them runs. */
const NOTHING_MS = 100;
/** Bounds how far a guest can send its emulator to sleep: what it waits for may be the host's. */
const LONGEST_MS = 1000;

/**
 * Lets an idle guest sleep for longer than the 55 ms that its timer, the PIT, can count: it writes to a port of ours how many rounds of
 * the counter go before the one that it has set. v86 itself looks at its timers 10 times a second where there is nothing to do.
 */
export function lengthenTimer(cpu: V86Cpu): void {
  const { pit } = cpu.devices;
  const runPit = pit.timer.bind(pit);
  const runTimers = cpu.run_hardware_timers.bind(cpu);
  /** When the counter begins and when it has expired, by the clock that `timer` gets. */
  let begins = 0;
  let ends = 0;
  const port = {};
  const signature = (): number => SIGNATURE;
  const set = (rounds: number): void => {
    begins = pit.counter_start_time[0]! + rounds * ROUND_MS;
    ends = begins + pit.counter_start_value[0]! / TICKS_A_MS;
    pit.counter_start_time[0] = begins;
  };
  const nothing = (): void => undefined;
  cpu.io.register_read(PORT, port, signature, signature, signature);
  cpu.io.register_write(PORT, port, nothing, set, nothing);
  pit.timer = (now, noInterrupt) => {
    if (now >= begins) return runPit(now, noInterrupt);
    cpu.device_lower_irq(0);
    return ends - now;
  };
  cpu.run_hardware_timers = (acpi, now) => {
    const wait = runTimers(acpi, now);
    return wait < NOTHING_MS ? wait : Math.max(wait, Math.min(ends - now, LONGEST_MS));
  };
}
