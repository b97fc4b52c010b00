import * as Comlink from "comlink";
import { ShareFileSystem } from "../../src/fs/share-file-system.js";
import { Guest, type GuestFile } from "../../src/fs/testing/guest.js";
import { FATTR_SIZE } from "../../src/fuse/fuse.js";
import { encodeName } from "../../src/posix/name.js";
import { O_APPEND, O_WRONLY } from "../../src/posix/open-flags.js";
import { removeLeftSwap } from "../../src/storage/picked/left-swaps.js";
import type { PickedEvent } from "../../src/storage/picked/picked-files.js";
import { PickedStore } from "../../src/storage/picked/picked-store.js";
import { openScratch } from "../../src/storage/web/opfs-scratch.js";
import { type Operation, temporaryOf } from "./operations.js";

const timers = {
  now: () => performance.now(),
  setTimeout: (run: () => void, milliseconds: number) => setTimeout(run, milliseconds),
  clearTimeout: (timer: unknown) => clearTimeout(timer as number),
};

/** A folder of the disk with a guest at work in it, but without a machine. */
export class FolderLab {
  #guest: Guest | undefined;
  #store: PickedStore | undefined;
  #fileSystem: ShareFileSystem | undefined;
  readonly #events: PickedEvent[] = [];
  readonly #appending = new Map<string, GuestFile>();

  async mount(handle: FileSystemDirectoryHandle): Promise<void> {
    const scratch = await openScratch();
    this.#store = new PickedStore(handle, { scratch, onEvent: (event) => this.#events.push(event) });
    this.#fileSystem = new ShareFileSystem(this.#store);
    this.#guest = await Guest.mount(this.#fileSystem, timers);
  }

  /** Plays the operations; `ended` is told how many have. */
  async play(operations: readonly Operation[], ended: (count: number) => void): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      await this.#play(operation);
      ended(index + 1);
    }
    for (const bug of this.#guest!.bugs) throw bug;
  }

  /** Appends to the file, which stays open until it is appended to the next time. */
  async append(file: string, line: string): Promise<void> {
    const before = this.#appending.get(file);
    this.#appending.set(file, await this.#append(file, line));
    if (before !== undefined) await this.#guest!.close(before);
  }

  text(file: string): Promise<string> {
    return this.#guest!.text(file);
  }

  async size(file: string): Promise<number> {
    return (await this.#guest!.stat(file)).size;
  }

  /** Everything is in the folder. */
  async save(): Promise<void> {
    await this.#fileSystem!.save();
  }

  events(): PickedEvent[] {
    return this.#events;
  }

  /** What earlier workers did not bring to the folder. It is not kept any longer. */
  async takeLeftovers(folder: FileSystemDirectoryHandle): Promise<{ path: string; text: string }[]> {
    const scratch = await openScratch();
    const leftovers = await scratch.leftovers();
    const taken = leftovers.map(async (leftover) => {
      const text = await (await leftover.file()).text();
      const path = leftover.label?.path ?? "";
      await removeLeftSwap(folder, leftover);
      await leftover.discard();
      return { path, text };
    });
    const texts = await Promise.all(taken);
    await scratch.close();
    return texts;
  }

  async #play(operation: Operation): Promise<void> {
    const guest = this.#guest!;
    const { file } = operation;
    switch (operation.do) {
      case "write":
        return this.#write(file, operation.text);
      case "append":
        return guest.close(await this.#append(file, operation.text));
      case "replace": {
        const temporary = temporaryOf(file);
        await this.#write(temporary, operation.text);
        if (operation.sync) await guest.kernel.fsync(await guest.node(temporary), 0);
        return guest.rename(temporary, file);
      }
      case "unlink":
        return guest.unlink(file);
      case "fsync":
        return guest.kernel.fsync(await guest.node(file), 0);
      case "keep":
        return this.#kept(file, (await guest.bytes(file)).length);
    }
  }

  async #write(file: string, text: string): Promise<void> {
    const guest = this.#guest!;
    const isNew = !(await guest.exists(file));
    const open = isNew ? await guest.create(file) : await guest.open(file);
    if (!isNew) await guest.kernel.setattr(open.node, FATTR_SIZE, { size: 0 });
    await guest.write(open, 0, text);
    await guest.close(open);
  }

  async #append(file: string, text: string): Promise<GuestFile> {
    const guest = this.#guest!;
    const flags = O_WRONLY | O_APPEND;
    const open = await guest.open(file, flags);
    const { size } = (await guest.kernel.getattr(open.node, open.fh)).attr;
    await guest.kernel.write(open.node, open.fh, size, encodeName(text), 0, flags);
    return open;
  }

  /** Ends when the store has that much of the file. */
  async #kept(file: string, size: number): Promise<void> {
    const stored = async (): Promise<number | undefined> => {
      const entry = await this.#store!.root.get(file);
      return entry?.kind === "file" ? (await entry.file.stat()).size : undefined;
    };
    // It may be moved while it is looked at.
    while ((await stored().catch(() => undefined)) !== size);
  }
}

Comlink.expose(new FolderLab());
