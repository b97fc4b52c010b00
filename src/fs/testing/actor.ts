import { FATTR_MODE } from "../../fuse/fuse.js";
import { ReplyError } from "../../fuse/testing/kernel-double.js";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } from "../../posix/fallocate-flags.js";
import { decodeName } from "../../posix/name.js";
import { RENAME_EXCHANGE } from "../../posix/rename-flags.js";
import { equal } from "./check.js";
import type { Guest, GuestFile } from "./guest.js";
import type { Random } from "./random.js";

/** A file of the model: its bytes, whatever names and descriptors lead to it. */
class ModelFile {
  bytes = new Uint8Array(0);
  mode = 0o644;
  names = 1;

  write(offset: number, bytes: Uint8Array): void {
    const grown = new Uint8Array(Math.max(this.bytes.length, offset + bytes.length));
    grown.set(this.bytes);
    grown.set(bytes, offset);
    this.bytes = grown;
  }

  truncate(size: number): void {
    const cut = new Uint8Array(size);
    cut.set(this.bytes.subarray(0, size));
    this.bytes = cut;
  }
}

type ModelDirectory = Map<string, ModelFile | ModelDirectory>;

interface Descriptor {
  readonly file: GuestFile;
  readonly model: ModelFile;
}

const NAMES = ["a", "b", "c", "d"];

/**
 * Does random things below a directory of a guest, and to a model of it that knows nothing of nodes, stores and queues. Each
 * answer must be the model's. With `mayFail` an operation may fail, and has done nothing then.
 */
export class Actor {
  readonly model: ModelDirectory = new Map();
  readonly #descriptors: Descriptor[] = [];

  constructor(
    private readonly guest: Guest,
    private readonly root: string,
    private readonly random: Random,
    private readonly mayFail: () => boolean = () => false,
    /** The store can exchange names. */
    private readonly exchanges = true,
  ) {}

  /** The model's files as text, and its directories. */
  tree(directory: ModelDirectory = this.model): Record<string, unknown> {
    const entries = [...directory].map(([name, entry]) => [
      name,
      entry instanceof ModelFile ? decodeName(entry.bytes) : this.tree(entry),
    ]);
    return Object.fromEntries(entries.sort(([a], [b]) => (a! < b! ? -1 : 1))) as Record<string, unknown>;
  }

  async act(): Promise<void> {
    const { random } = this;
    const steps = [
      () => this.#create(),
      () => this.#create(),
      () => this.#write(),
      () => this.#write(),
      () => this.#write(),
      () => this.#read(),
      () => this.#read(),
      () => this.#truncate(),
      () => this.#zero(),
      () => this.#copy(),
      () => this.#remove(),
      () => this.#remove(),
      () => this.#rename(),
      () => this.#rename(),
      () => this.#mkdir(),
      () => this.#link(),
      () => this.#link(),
      () => this.#exchange(),
      () => this.#temporary(),
      () => this.#chmod(),
      () => this.#stat(),
      () => this.#stat(),
      () => this.#open(),
      () => this.#close(),
      () => this.#list(),
      () => this.#sync(),
      () => this.#forget(),
    ];
    try {
      await random.pick(steps)();
    } catch (error) {
      if (!this.mayFail() || !(error instanceof ReplyError)) throw error;
    }
  }

  async closeAll(): Promise<void> {
    while (this.#descriptors.length > 0) await this.#close();
  }

  /** Every file has the attributes of the model, as `guest` sees it. */
  async checkAll(guest: Guest, directory = this.model, path = this.root): Promise<void> {
    for (const [name, entry] of directory) {
      if (entry instanceof ModelFile) await check(guest, `${path}/${name}`, entry);
      else await this.checkAll(guest, entry, `${path}/${name}`);
    }
  }

  async #create(): Promise<void> {
    const { path, directory, name } = this.#place();
    if (directory.has(name)) return;
    const file = await this.guest.create(path);
    const model = new ModelFile();
    directory.set(name, model);
    const bytes = this.random.bytes(this.random.below(2000));
    this.#descriptors.push({ file, model });
    if (bytes.length > 0) await this.guest.write(file, 0, bytes);
    model.write(0, bytes);
    if (this.random.below(2) === 0) await this.#close();
  }

  async #write(): Promise<void> {
    const descriptor = this.#descriptor();
    if (descriptor === undefined) return;
    const { file, model } = descriptor;
    const offset = this.random.below(model.bytes.length + 300);
    const bytes = this.random.bytes(1 + this.random.below(3000));
    await this.guest.write(file, offset, bytes);
    model.write(offset, bytes);
  }

  async #read(): Promise<void> {
    const descriptor = this.#descriptor();
    if (descriptor === undefined) return;
    const { file, model } = descriptor;
    const offset = this.random.below(model.bytes.length + 100);
    const size = 1 + this.random.below(5000);
    equal(await this.guest.read(file, offset, size), model.bytes.subarray(offset, offset + size), `read at ${offset}`);
  }

  async #truncate(): Promise<void> {
    const { path, directory, name } = this.#place();
    const model = directory.get(name);
    if (!(model instanceof ModelFile)) return;
    const size = this.random.below(2) === 0 ? 0 : this.random.below(4000);
    await this.guest.truncate(path, size);
    model.truncate(size);
  }

  async #zero(): Promise<void> {
    const descriptor = this.#descriptor();
    if (descriptor === undefined) return;
    const { file, model } = descriptor;
    const offset = this.random.below(model.bytes.length + 300);
    const length = 1 + this.random.below(3000);
    const mode = this.random.pick([FALLOC_FL_ZERO_RANGE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE]);
    await this.guest.kernel.fallocate(file.node, file.fh, mode, offset, length);
    if (mode === FALLOC_FL_ZERO_RANGE) model.write(offset, new Uint8Array(length));
    else model.bytes.fill(0, offset, offset + length);
  }

  async #copy(): Promise<void> {
    const [source, target] = [this.#descriptor(), this.#descriptor()];
    if (source === undefined || target === undefined || source.model === target.model) return;
    const [from, to] = [this.random.below(2000), this.random.below(2000)];
    const range = { fh_in: source.file.fh, off_in: from, nodeid_out: target.file.node, fh_out: target.file.fh };
    const bytes = source.model.bytes.subarray(from, from + 5000);
    const copied = await this.guest.kernel.copyFileRange(source.file.node, { ...range, off_out: to, len: 5000 });
    equal(copied, bytes.length, "bytes copied");
    if (copied > 0) target.model.write(to, bytes);
  }

  async #remove(): Promise<void> {
    const { path, directory, name } = this.#place();
    const model = directory.get(name);
    if (model === undefined || (model instanceof Map && model.size > 0)) return;
    await (model instanceof Map ? this.guest.rmdir(path) : this.guest.unlink(path));
    if (model instanceof ModelFile) model.names--;
    directory.delete(name);
  }

  async #rename(): Promise<void> {
    const [from, to] = [this.#place(), this.#place()];
    const model = from.directory.get(from.name);
    const replaced = to.directory.get(to.name);
    if (model === undefined || `${to.path}/`.startsWith(`${from.path}/`)) return;
    if (replaced !== undefined && replaced instanceof Map !== model instanceof Map) return;
    if (replaced instanceof Map && replaced.size > 0) return;
    if (replaced === model) return; // Linux does not ask
    await this.guest.rename(from.path, to.path);
    if (replaced instanceof ModelFile) replaced.names--;
    from.directory.delete(from.name);
    to.directory.set(to.name, model);
  }

  async #mkdir(): Promise<void> {
    const { path, directory, name } = this.#place();
    if (directory.has(name)) return;
    await this.guest.mkdir(path);
    directory.set(name, new Map());
  }

  async #link(): Promise<void> {
    const [from, to] = [this.#place(), this.#place()];
    const model = from.directory.get(from.name);
    if (!(model instanceof ModelFile) || to.directory.has(to.name)) return;
    await this.guest.link(from.path, to.path);
    model.names++;
    to.directory.set(to.name, model);
  }

  async #exchange(): Promise<void> {
    const [from, to] = [this.#place(), this.#place()];
    const [a, b] = [from.directory.get(from.name), to.directory.get(to.name)];
    if (!this.exchanges || a === undefined || b === undefined || a === b) return;
    if (`${to.path}/`.startsWith(`${from.path}/`) || `${from.path}/`.startsWith(`${to.path}/`)) return;
    await this.guest.rename(from.path, to.path, RENAME_EXCHANGE);
    from.directory.set(from.name, b);
    to.directory.set(to.name, a);
  }

  /** A file that gets its name when it is written. */
  async #temporary(): Promise<void> {
    const { path, parent, directory, name } = this.#place();
    if (directory.has(name)) return;
    const file = await this.guest.temporary(parent);
    const model = new ModelFile();
    const bytes = this.random.bytes(this.random.below(2000));
    if (bytes.length > 0) await this.guest.write(file, 0, bytes);
    model.write(0, bytes);
    if (this.random.below(3) > 0) {
      await this.guest.linkNode(file.node, path);
      directory.set(name, model);
    } else {
      model.names = 0;
    }
    this.#descriptors.push({ file, model });
  }

  async #chmod(): Promise<void> {
    const { path, directory, name } = this.#place();
    const model = directory.get(name);
    if (!(model instanceof ModelFile)) return;
    const mode = this.random.pick([0o600, 0o640, 0o755]);
    await this.guest.kernel.setattr(await this.guest.node(path), FATTR_MODE, { mode });
    model.mode = mode;
  }

  async #stat(): Promise<void> {
    const { path, directory, name } = this.#place();
    const model = directory.get(name);
    if (model instanceof ModelFile) await check(this.guest, path, model);
  }

  async #open(): Promise<void> {
    const { path, directory, name } = this.#place();
    const model = directory.get(name);
    if (!(model instanceof ModelFile) || this.#descriptors.length > 20) return;
    this.#descriptors.push({ file: await this.guest.open(path), model });
  }

  async #close(): Promise<void> {
    const [descriptor] = this.#descriptors.splice(this.random.below(this.#descriptors.length), 1);
    if (descriptor !== undefined) await this.guest.close(descriptor.file);
  }

  async #list(): Promise<void> {
    const { parent, directory } = this.#place();
    equal((await this.guest.list(parent)).sort(), [...directory.keys()].sort(), `listing of ${parent}`);
  }

  async #sync(): Promise<void> {
    const descriptor = this.#descriptor();
    if (descriptor !== undefined) await this.guest.kernel.fsync(descriptor.file.node, descriptor.file.fh);
  }

  /** As under memory pressure: the guest drops a file that it has not open. */
  async #forget(): Promise<void> {
    const { path, directory, name } = this.#place();
    const model = directory.get(name);
    if (model instanceof Map || model === undefined) return;
    const node = await this.guest.node(path);
    if (!this.#descriptors.some(({ file }) => file.node === node)) this.guest.kernel.forget(node);
  }

  #descriptor(): Descriptor | undefined {
    return this.#descriptors.length === 0 ? undefined : this.random.pick(this.#descriptors);
  }

  /** A random name in a random directory, most often one of few. */
  #place(): { path: string; parent: string; directory: ModelDirectory; name: string } {
    let directory = this.model;
    let parent = this.root;
    while (this.random.below(3) > 0) {
      const below = [...directory].filter((entry): entry is [string, ModelDirectory] => entry[1] instanceof Map);
      if (below.length === 0) break;
      const [name, next] = this.random.pick(below);
      parent = `${parent}/${name}`;
      directory = next;
    }
    const name = this.random.pick(NAMES);
    return { path: `${parent}/${name}`, parent, directory, name };
  }
}

async function check(guest: Guest, path: string, model: ModelFile): Promise<void> {
  const { mode, nlink, size } = await guest.stat(path);
  equal([mode & 0o7777, nlink, size], [model.mode, model.names, model.bytes.length], `mode, names, size of ${path}`);
}
