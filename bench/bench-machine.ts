import type { ShareStatistics } from "../src/client/types.js";
import type { Images } from "../src/machine/assets.js";
import type { OpenedSource } from "../src/machine/active-share.js";
import { exitCode, runInGuest } from "../src/machine/guest-command.js";
import { Machine } from "../src/machine/machine.js";
import { statisticsOf } from "../src/machine/statistics.js";

/** tmpfs may hold half of it. */
const MEMORY = 256 * 2 ** 20;

/** The product's machine with v86's own 9p beside our devices. Runs in a Worker and under Node. */
export class BenchMachine {
  readonly #machine: Machine;

  static async boot(images: Images, wasm: string): Promise<BenchMachine> {
    return new BenchMachine(await Machine.boot({ ...images, wasm, memory: MEMORY, plan9: true }, () => undefined));
  }

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Mounts a source at `/mnt/TAG`. */
  async share(tag: string, open: () => Promise<OpenedSource>): Promise<void> {
    await this.#machine.shares.add(tag, { tag }, open);
  }

  /** What a shell command line printed; an exit code other than 0 is an error. */
  async run(commandLine: string): Promise<string> {
    const { status, stdout, stderr } = await runInGuest(this.#machine.agent, ["/bin/sh", "-c", commandLine]);
    if (status !== 0) throw new Error(`${commandLine}\nexit code ${exitCode(status)}: ${stderr}${stdout}`);
    return stdout;
  }

  statistics(tag: string): ShareStatistics {
    return statisticsOf(this.#machine.shares.find(tag));
  }

  stop(): Promise<void> {
    return this.#machine.stop();
  }
}
