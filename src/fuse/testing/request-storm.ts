import { type FileSystem, ROOT_NODE_ID as ROOT } from "../../fs/file-system.js";
import type { Random } from "../../fs/testing/random.js";
import { isDirectory } from "../../posix/mode.js";
import {
  FUSE_CREATE,
  FUSE_DESTROY,
  FUSE_LINK,
  FUSE_LOOKUP,
  FUSE_MKDIR,
  FUSE_MKNOD,
  FUSE_OPEN,
  FUSE_SYMLINK,
  FUSE_TMPFILE,
  fuse_entry_out,
  fuse_in_header,
  fuse_open_out,
  fuse_out_header,
} from "../fuse.js";
import { operations } from "../operations.js";
import { noReply } from "../replies.js";
import { FuseServer } from "../server.js";
import type { SeedRequest } from "./corpus.js";
import { KernelDouble } from "./kernel-double.js";
import { MessageDouble } from "./message-double.js";
import { ScriptedBug } from "./moody-file-system.js";
import { Mutator } from "./mutator.js";
import { TimersDouble } from "./timers-double.js";

const ERRNO_MAX = 4095;
const FOR_EVER = 1e9;
/** Requests that are looked at together, once the file system had its time. */
const BATCH = 16;
const TURNS = 8;
const KNOWN_MAX = 12;
const GIVES_NODE = new Set([FUSE_LOOKUP, FUSE_CREATE, FUSE_MKDIR, FUSE_MKNOD, FUSE_SYMLINK, FUSE_LINK, FUSE_TMPFILE]);

/** What a storm does to time: moods, answers that come late. */
export interface Weather {
  /** Some of what was put off is answered. */
  settle?(): void | Promise<void>;
  /** Everything is answered at once from now on. */
  calm?(): void;
}

/**
 * Sends mutated requests to a server and looks at every reply. Throws where one is missing, comes twice, is not as long as it
 * says or is not to what was asked; where anything but a ScriptedBug counts as a bug; and where the server does not work after.
 */
export class RequestStorm {
  readonly #timers = new TimersDouble();
  readonly #server: FuseServer;
  readonly #mutator: Mutator;
  readonly #faults: unknown[] = [];
  #open: Watched[] = [];
  #isMounted = false;
  #sent = 0;

  constructor(
    fileSystem: FileSystem,
    private readonly random: Random,
    seeds: readonly SeedRequest[],
    private readonly weather: Weather = {},
    readOnly = false,
  ) {
    const onBug = (error: unknown) => {
      if (!(error instanceof ScriptedBug)) this.#faults.push(error);
    };
    this.#server = new FuseServer(fileSystem, { timers: this.#timers, onBug, readOnly });
    this.#mutator = new Mutator(random, seeds);
  }

  async step(): Promise<void> {
    const { random } = this;
    if (random.below(this.#isMounted ? 500 : 4) === 0) await this.#mount();
    if (random.below(500) === 0) this.#reset();
    this.#send(this.#mutator.next());
    if (++this.#sent % BATCH === 0) await this.#settle();
    if (random.below(100) === 0) this.#timers.advance(FOR_EVER);
    this.#throwFaults();
  }

  /** The storm is over: what is out is answered, and the server is as good as new. */
  async end(): Promise<void> {
    await this.#settle();
    this.weather.calm?.();
    await this.#settle();
    this.#timers.advance(FOR_EVER);
    await this.#settle();
    this.#throwFaults();
    if (this.#open.length > 0) throw new Error(`no reply to ${this.#open[0]!.describe()}`);
    if (this.#server.pending + this.#timers.waiting > 0) throw new Error("something is left behind");
    const names = this.#server.requests.size;
    if (names > Object.keys(operations).length + 1) throw new Error(`${names} operations`);
    const kernel = this.#kernel();
    await kernel.mount();
    await kernel.lookup(ROOT, "hello.txt").catch(() => {});
    if (!isDirectory((await kernel.getattr(ROOT)).attr.mode)) throw new Error("the root is no directory");
    await kernel.statfs(ROOT);
    await kernel.destroy();
    this.#throwFaults();
  }

  async #mount(): Promise<void> {
    await this.#kernel().mount();
    this.#isMounted = true;
    this.#mutator.known.nodes.splice(1);
    this.#mutator.known.handles.splice(1);
  }

  #reset(): void {
    this.#server.reset();
    for (const message of this.#open) message.isVoid = true;
    this.#isMounted = false;
  }

  #kernel(): KernelDouble {
    return new KernelDouble(this.#server);
  }

  #send({ bytes, room }: SeedRequest): void {
    const message = new Watched(bytes, this.#mutator.split(bytes), this.#mutator.rooms(room), this.#faults);
    this.#server.handle(message);
    message.endTurn();
    this.#open.push(message);
    if (message.opcode === FUSE_DESTROY) this.#isMounted = false;
  }

  async #settle(): Promise<void> {
    await this.weather.settle?.();
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    for (const message of this.#open) this.#check(message);
    this.#open = this.#open.filter((message) => message.written === undefined && !message.isVoid);
  }

  #check(message: Watched): void {
    const body = message.check();
    if (body === undefined) return;
    const { nodes, handles } = this.#mutator.known;
    if (GIVES_NODE.has(message.opcode)) keep(nodes, fuse_entry_out.decode(body).nodeid);
    if (message.opcode === FUSE_CREATE) keep(handles, fuse_open_out.decode(body.subarray(fuse_entry_out.size)).fh);
    if (message.opcode === FUSE_OPEN) keep(handles, fuse_open_out.decode(body).fh);
  }

  #throwFaults(): void {
    if (this.#faults.length > 0) throw new Error(`after ${this.#sent} requests`, { cause: this.#faults[0] });
  }
}

/** A message that tells what the server should not have done to it. */
class Watched extends MessageDouble {
  /** The device was reset since: nothing may be done to it. */
  isVoid = false;

  constructor(
    private readonly request: Uint8Array,
    readable: readonly Uint8Array[],
    writable: readonly number[],
    private readonly faults: unknown[],
  ) {
    super(readable, writable);
  }

  override copyOut(offset: number, bytes: Uint8Array): void {
    this.#watch(() => super.copyOut(offset, bytes));
  }

  override complete(written: number): void {
    this.#watch(() => super.complete(written));
  }

  get opcode(): number {
    const { opcode } = fuse_in_header.offsets;
    return this.request.length < fuse_in_header.size ? 0 : new DataView(this.request.buffer).getUint32(opcode, true);
  }

  describe(): string {
    return `${operations[this.opcode]?.name ?? this.opcode} (${hex(this.request)}), room ${this.writableLength}`;
  }

  /** Looks at the reply, if it is there. Returns what follows its header if it is no error. */
  check(): Uint8Array | undefined {
    if (this.written === undefined || this.isVoid) return undefined;
    const { size } = fuse_out_header;
    if (operations[this.opcode]?.reply === noReply || this.writableLength < size) {
      if (this.written !== 0) this.#fault(`${this.written} bytes where no reply is wanted`);
      return undefined;
    }
    if (this.written < size) this.#fault(`${this.written} bytes`);
    const reply = this.reply().subarray(0, this.written);
    const { len, error } = fuse_out_header.decode(reply);
    if (len !== this.written) this.#fault(`len ${len}, but ${this.written} bytes`);
    if (error > 0 || error < -ERRNO_MAX || (error !== 0 && len !== size)) this.#fault(`error ${error}, len ${len}`);
    const unique = this.request.subarray(fuse_in_header.offsets.unique, fuse_in_header.offsets.unique + 8);
    const echoed = reply.subarray(fuse_out_header.offsets.unique, size);
    if (this.request.length >= fuse_in_header.size && hex(unique) !== hex(echoed)) this.#fault("another unique");
    return error === 0 && this.opcode !== 0 ? reply.subarray(size) : undefined;
  }

  #watch(action: () => void): void {
    if (this.isVoid) return this.#fault("touched after a reset");
    try {
      action();
    } catch (error) {
      this.#fault("misused", error);
    }
  }

  #fault(what: string, cause?: unknown): void {
    this.faults.push(new Error(`${what}: ${this.describe()}`, { cause }));
  }
}

/** Keeps the last few of what is known. */
function keep(known: number[], number: number): void {
  if (number > 0 && number < 2 ** 32) known.push(number);
  if (known.length > KNOWN_MAX) known.splice(1, 1); // the first is the root's, or none
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 200), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
