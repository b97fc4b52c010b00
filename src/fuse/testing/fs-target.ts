import { ROOT_NODE_ID as ROOT } from "../../fs/file-system.js";
import type { Random } from "../../fs/testing/random.js";
import type { DriverDouble } from "../../virtio/testing/driver-double.js";
import type { Target } from "../../virtio/testing/hostile-driver.js";
import { VirtioFs } from "../../virtio/virtio-fs.js";
import { FuseServer } from "../server.js";
import type { SeedRequest } from "./corpus.js";
import { MoodyFileSystem, ScriptedBug } from "./moody-file-system.js";
import { Mutator } from "./mutator.js";
import { RingWire } from "./ring-wire.js";
import { TimersDouble } from "./timers-double.js";

const FOR_EVER = 1e9;
const TURNS = 8;

/** The whole device, rings to file system, which is one of moods. */
export class FsTarget implements Target {
  readonly device: VirtioFs;
  readonly #moody: MoodyFileSystem;
  readonly #server: FuseServer;
  readonly #timers = new TimersDouble();
  readonly #mutator: Mutator;
  readonly #bugs: unknown[] = [];

  constructor(random: Random, seeds: readonly SeedRequest[]) {
    this.#moody = new MoodyFileSystem(random);
    this.#mutator = new Mutator(random, seeds);
    const onBug = (error: unknown) => {
      if (!(error instanceof ScriptedBug)) this.#bugs.push(error);
    };
    this.#server = new FuseServer(this.#moody, { timers: this.#timers, onBug });
    this.device = new VirtioFs({ tag: "fuzz", handler: this.#server, reset: () => this.#server.reset() });
  }

  message(): SeedRequest {
    return this.#mutator.next();
  }

  async settle(random: Random): Promise<void> {
    this.#moody.settle();
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    if (random.below(10) === 0) this.#timers.advance(FOR_EVER);
    if (this.#bugs.length > 0) throw new Error("a bug of the server", { cause: this.#bugs[0] });
  }

  async check(driver: DriverDouble): Promise<void> {
    this.#moody.calm();
    if (this.#server.pending + this.#timers.waiting > 0) throw new Error("requests of the life before");
    const kernel = new RingWire(driver.start()).kernel();
    await kernel.mount();
    await kernel.getattr(ROOT);
    await kernel.destroy();
  }
}
