import * as Comlink from "comlink";
import { FsError } from "../../src/posix/fs-error.js";
import type { DroppedEntry } from "../../src/storage/dropped/dropped-entry.js";
import { DroppedStore } from "../../src/storage/dropped/dropped-store.js";
import { OpfsRecordLog } from "../../src/storage/opfs/opfs-record-log.js";
import { OpfsStore } from "../../src/storage/opfs/opfs-store.js";
import type { PickedEvent } from "../../src/storage/picked/picked-files.js";
import { PickedStore } from "../../src/storage/picked/picked-store.js";
import { OverlayStore } from "../../src/storage/overlay/overlay-store.js";
import type { OpenStoreFile, Store, StoreDirectory } from "../../src/storage/store.js";
import { pattern, readAt } from "../../src/storage/testing/store-case.js";
import { storeCases } from "../../src/storage/testing/store-conformance.js";
import { openScratch } from "../../src/storage/web/opfs-scratch.js";
import type { Scratch } from "../../src/storage/web/scratch.js";
import type { DiskSide } from "./share-cases.js";
import { runShareCase, shareCaseNames } from "./share-cases.js";
import { snapshotOf } from "./snapshot.js";

export type StoreKind = "opfs" | "picked" | "overlay";

/** The stores in a worker, where they live, driven by path from a test. */
export class Lab {
  #scratch: Scratch | undefined;
  #store: Store | undefined;
  /** Of the newest overlay. */
  #names: OpfsRecordLog | undefined;
  readonly #open = new Map<string, OpenStoreFile>();
  readonly #events: PickedEvent[] = [];

  caseNames(): string[] {
    return storeCases.map(({ name }) => name);
  }

  /** Runs one case of the conformance suite in a new directory; gives what the store says is in it at the end. */
  async runCase(kind: StoreKind, parent: FileSystemDirectoryHandle, directoryName: string, name: string) {
    const handle = await parent.getDirectoryHandle(directoryName, { create: true });
    const store = await this.#make(kind, handle, false);
    await storeCases.find((one) => one.name === name)!.run(store);
    const snapshot = await snapshotOf(store.root);
    await store.close();
    return snapshot;
  }

  shareCaseNames(kind: StoreKind): string[] {
    return shareCaseNames(kind);
  }

  /** Runs one case of the file system's conformance suite in a new directory. */
  async runShareCase(
    kind: StoreKind,
    parent: FileSystemDirectoryHandle,
    directoryName: string,
    name: string,
    outside?: DiskSide,
  ): Promise<void> {
    const handle = await parent.getDirectoryHandle(directoryName, { create: true });
    const records = kind !== "picked" ? await OpfsRecordLog.open(directoryName) : undefined;
    await runShareCase(kind, name, () => this.#make(kind, handle, false), { outside, records });
    records?.close();
  }

  async start(kind: StoreKind, handle: FileSystemDirectoryHandle, readOnly = false): Promise<void> {
    this.#store = await this.#make(kind, handle, readOnly);
  }

  startDropped(entries: DroppedEntry[]): void {
    this.#store = new DroppedStore(entries);
  }

  events(): PickedEvent[] {
    return this.#events;
  }

  async leftovers(): Promise<{ path: string | undefined; text: string }[]> {
    const leftovers = await (await this.#getScratch()).leftovers();
    return Promise.all(
      leftovers.map(async (leftover) => ({ path: leftover.label?.path, text: await (await leftover.file()).text() })),
    );
  }

  async snapshot(): Promise<Record<string, string>> {
    return snapshotOf(this.#root);
  }

  async list(path = ""): Promise<string[]> {
    return (await (await this.#directory(path)).list()).map(({ name }) => name).toSorted();
  }

  async stat(path: string) {
    return (await this.#file(path)).stat();
  }

  async open(path: string, write: boolean): Promise<void> {
    this.#open.set(path, await (await this.#file(path)).open(write));
  }

  async create(path: string): Promise<void> {
    const [directory, name] = await this.#place(path);
    const file = await directory.createFile(name);
    this.#open.set(path, await file.open(true));
  }

  /** Writes at once, or begins to: the promise of the store is not waited for. */
  beginWrite(path: string, offset: number, text: string): void {
    void this.#opened(path).write(offset, [new TextEncoder().encode(text)]);
  }

  async write(path: string, offset: number, text: string): Promise<void> {
    await this.#opened(path).write(offset, [new TextEncoder().encode(text)]);
  }

  async truncate(path: string, size: number): Promise<void> {
    await this.#opened(path).truncate(size);
  }

  async read(path: string, offset = 0, length = 1 << 20): Promise<string> {
    return new TextDecoder().decode(await readAt(this.#opened(path), offset, length));
  }

  /** Writes so many requests of 128 KiB of a pattern; gives the number that went well. */
  async fill(path: string, requests: number): Promise<number> {
    const bytes = pattern(128 << 10);
    for (let i = 0; i < requests; i++) await this.#opened(path).write(i * bytes.length, [bytes]);
    return requests;
  }

  /** Reads the file from its start to its end as the guest does; gives its SHA-256 and the most bytes held at once. */
  async readThrough(path: string): Promise<{ bytes: number; sum: number; browserReads: number }> {
    const open = this.#opened(path);
    let sum = 0;
    let at = 0;
    const count = countBlobReads();
    for (;;) {
      const part = await readAt(open, at, 128 << 10);
      for (let i = 0; i < part.length; i += 997) sum = (Math.imul(sum, 31) + part[i]!) >>> 0;
      at += part.length;
      if (part.length < 128 << 10) return { bytes: at, sum, browserReads: count.stop() };
    }
  }

  async flush(path: string): Promise<void> {
    await this.#opened(path).flush();
  }

  async close(path: string): Promise<void> {
    const open = this.#opened(path);
    this.#open.delete(path);
    await open.close();
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, name] = await this.#place(from);
    const [target, newName] = await this.#place(to);
    await source.rename(name, target, newName);
  }

  async remove(path: string): Promise<void> {
    const [directory, name] = await this.#place(path);
    await directory.remove(name);
  }

  async mkdir(path: string): Promise<void> {
    const [directory, name] = await this.#place(path);
    await directory.createDirectory(name);
  }

  /** The errno that `call` fails with, or 0. */
  async errnoOf(
    call:
      | "list"
      | "open"
      | "create"
      | "write"
      | "flush"
      | "close"
      | "rename"
      | "remove"
      | "mkdir"
      | "truncate"
      | "read"
      | "fill",
    ...args: unknown[]
  ): Promise<number> {
    try {
      await (this[call] as (...args: unknown[]) => Promise<unknown>)(...args);
      return 0;
    } catch (error) {
      if (error instanceof FsError) return error.errno;
      throw error;
    }
  }

  unsaved(path: string): number {
    return this.#opened(path).unsaved();
  }

  async stop(): Promise<void> {
    await this.#store?.close();
  }

  checkName(name: string): number {
    try {
      this.#store!.checkName(name);
      return 0;
    } catch (error) {
      return error instanceof FsError ? error.errno : -1;
    }
  }

  async #make(kind: StoreKind, handle: FileSystemDirectoryHandle, readOnly: boolean): Promise<Store> {
    const scratch = await this.#getScratch();
    if (kind === "opfs") {
      return OpfsStore.open(handle, { scratch, readOnly, parking: await OpfsStore.parkingOf(handle.name) });
    }
    if (kind === "overlay") {
      this.#names?.close();
      const own = await (await navigator.storage.getDirectory()).getDirectoryHandle("changes", { create: true });
      const changes = await own.getDirectoryHandle(handle.name, { create: true });
      return OverlayStore.open({
        lower: new PickedStore(handle, { scratch, readOnly: true }),
        contents: await OpfsStore.open(await changes.getDirectoryHandle("content", { create: true }), { scratch }),
        log: (this.#names = await OpfsRecordLog.openIn(changes, "names")),
      });
    }
    return new PickedStore(handle, { scratch, readOnly, onEvent: (event) => this.#events.push(event) });
  }

  async #getScratch(): Promise<Scratch> {
    this.#scratch ??= await openScratch();
    return this.#scratch;
  }

  get #root(): StoreDirectory {
    if (this.#store === undefined) throw new Error("no store");
    return this.#store.root;
  }

  #opened(path: string): OpenStoreFile {
    const open = this.#open.get(path);
    if (open === undefined) throw new Error(`${path} is not open`);
    return open;
  }

  async #directory(path: string): Promise<StoreDirectory> {
    let at = this.#root;
    for (const name of path.split("/").filter(Boolean)) {
      const entry = await at.get(name);
      if (entry?.kind !== "directory") throw new FsError(2, path);
      at = entry.directory;
    }
    return at;
  }

  async #file(path: string) {
    const [directory, name] = await this.#place(path);
    const entry = await directory.get(name);
    if (entry?.kind !== "file") throw new FsError(2, path);
    return entry.file;
  }

  async #place(path: string): Promise<[StoreDirectory, string]> {
    const slash = path.lastIndexOf("/");
    return [await this.#directory(path.slice(0, Math.max(0, slash))), path.slice(slash + 1)];
  }
}

function countBlobReads(): { stop(): number } {
  const before = Object.getOwnPropertyDescriptor(Blob.prototype, "arrayBuffer")!;
  let count = 0;
  const counting = function (this: Blob): unknown {
    count++;
    return (before.value as () => unknown).call(this);
  };
  Object.defineProperty(Blob.prototype, "arrayBuffer", { ...before, value: counting });
  return {
    stop() {
      Object.defineProperty(Blob.prototype, "arrayBuffer", before);
      return count;
    },
  };
}

Comlink.expose(new Lab());
