import { checkShare } from "../../../fs/check-share.js";
import type { StoreFailure } from "../../../fs/failure.js";
import { ROOT_NODE_ID } from "../../../fs/file-system.js";
import { ShareFileSystem } from "../../../fs/share-file-system.js";
import { Guest, type GuestFile } from "../../../fs/testing/guest.js";
import type { Random } from "../../../fs/testing/random.js";
import { stillTimers } from "../../../fs/testing/still-timers.js";
import { FATTR_MODE } from "../../../fuse/fuse.js";
import { TimersDouble } from "../../../fuse/testing/timers-double.js";
import { S_IFDIR, S_IFLNK, S_IFMT } from "../../../posix/mode.js";
import { decodeName } from "../../../posix/name.js";
import { RENAME_EXCHANGE } from "../../../posix/rename-flags.js";
import { Sources } from "../../open-source.js";
import type { Found } from "./admissible.js";
import { type Request, contentText } from "./tree.js";
import type { Command } from "./workload.js";

const ROOT_CALLER = { uid: 0, gid: 0, pid: 1 };
/** After so many milliseconds nothing is held back any more. */
const LONG = 1000;

/** The tab that a crash guest lives in. */
export interface Tab {
  /** A while in which the store goes on. */
  pause(length: number): Promise<void>;
  now(): number;
}

/** Ends what a crash cut off, checks the share, and gives what is in it. */
export async function checkCrashed(share: string, { now }: Tab): Promise<{ problems: string[]; found: Found }> {
  const { store, records, close } = await openShare(share);
  const problems = await checkShare(records, store);
  const fileSystem = new ShareFileSystem(store, { now, records });
  const guest = await Guest.mount(fileSystem, stillTimers);
  const found = await look(guest, "", (await guest.kernel.getattr(ROOT_NODE_ID)).attr);
  await fileSystem[Symbol.asyncDispose]();
  problems.push(...(await checkShare(records, store)), ...guest.bugs.map(String));
  await close();
  return { problems, found };
}

/** Ends what a crash cut off, and lets go of the share. */
export async function recover(share: string): Promise<void> {
  await (await openShare(share)).close();
}

/** A guest without a machine, which asks as fast as it goes. */
export class CrashGuest {
  readonly #open: GuestFile[] = [];

  private constructor(
    private readonly guest: Guest,
    /** What the store did not take. */
    private readonly failures: readonly unknown[],
    private readonly random: Random,
    private readonly tab: Tab,
    private readonly timers: TimersDouble,
  ) {}

  /** `random`: when it forgets, and pauses. */
  static async mount(share: string, random: Random, tab: Tab): Promise<CrashGuest> {
    const { store, records } = await openShare(share);
    const failures: unknown[] = [];
    const onError = ({ error }: StoreFailure): void => void failures.push(error);
    const timers = new TimersDouble();
    const fileSystem = new ShareFileSystem(store, { now: tab.now, records, onError, timers });
    const guest = await Guest.mount(fileSystem, stillTimers);
    guest.kernel.caller = ROOT_CALLER;
    return new CrashGuest(guest, failures, random, tab, timers);
  }

  /** `synced` is told of each sync that has ended. */
  async play(commands: readonly Command[], synced: (step: number) => void): Promise<void> {
    const { kernel, bugs } = this.guest;
    for (const command of commands) {
      if ("syncs" in command) {
        const { path, step } = command.syncs;
        if (path === undefined) await kernel.syncfs(ROOT_NODE_ID);
        else await kernel.fsync(await this.guest.node(path), 0);
        synced(step);
      } else {
        for (const request of command.requests) {
          const file = await ask(this.guest, request);
          if (file !== undefined) this.#open.push(file);
          await this.#pause();
        }
      }
    }
    for (const error of [...bugs, ...this.failures]) throw error;
  }

  /** Sooner or later files are closed, Linux forgets what it looked up, and is not running while the store is at work. */
  async #pause(): Promise<void> {
    const { kernel } = this.guest;
    const dice = this.random.below(20);
    if (dice < 3) {
      for (const file of this.#open.splice(0)) await this.guest.close(file);
      for (const node of Array.from(kernel.lookups.keys())) if (node !== ROOT_NODE_ID) kernel.forget(node);
    }
    if (this.random.below(6) === 0) this.timers.advance(LONG);
    if (dice > 16) await this.tab.pause(this.random.below(4));
  }
}

/** The share as the machine opens it. */
async function openShare(share: string) {
  const sources = new Sources();
  const problems: string[] = [];
  const report = (problem = ""): void => void problems.push(problem);
  const { store, records, problem, release } = await sources.open({ kind: "opfs", path: share }, "read-write", report);
  if (records === undefined || problems.length > 0) throw new Error([problem, ...problems].join("\n"));
  const close = async (): Promise<void> => {
    release?.();
    await sources.close();
  };
  return { store, records, close };
}

/** Gives what it opened. */
async function ask(guest: Guest, request: Request): Promise<GuestFile | undefined> {
  const { path } = request;
  switch (request.kind) {
    case "create":
      return guest.create(path);
    case "mkdir":
      await guest.mkdir(path);
      return;
    case "symlink":
      await guest.symlink(path, request.target);
      return;
    case "link":
      await guest.link(request.from, path);
      return;
    case "rename":
      await guest.rename(request.from, path);
      return;
    case "exchange":
      await guest.rename(request.from, path, RENAME_EXCHANGE);
      return;
    case "unlink":
      await guest.unlink(path);
      return;
    case "rmdir":
      await guest.rmdir(path);
      return;
    case "append": {
      const file = await guest.open(path);
      await guest.write(file, request.at, contentText(request.content));
      return file;
    }
    case "truncate":
      await guest.truncate(path, request.size);
      return;
    case "chmod":
      await guest.kernel.setattr(await guest.node(path), FATTR_MODE, { mode: request.mode });
      return;
    case "temporary": {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      const file = await guest.temporary(parent);
      await guest.write(file, 0, contentText(request.content));
      await guest.linkNode(file.node, path);
      return file;
    }
  }
}

async function look(
  guest: Guest,
  path: string,
  { mode, nlink, ino }: { mode: number; nlink: number; ino: number },
): Promise<Found> {
  const attributes = { mode: mode & 0o7777, nlink, ino };
  if ((mode & S_IFMT) === S_IFDIR) {
    const entries: Record<string, Found> = {};
    for (const { name, entry } of await guest.listPlus(path)) {
      entries[name] = await look(guest, path === "" ? name : `${path}/${name}`, entry.attr);
    }
    return { kind: "directory", ...attributes, entries };
  }
  if ((mode & S_IFMT) !== S_IFLNK) return { kind: "file", ...attributes, text: await guest.text(path) };
  const target = decodeName(await guest.kernel.readlink(await guest.node(path)));
  return { kind: "symlink", ...attributes, target };
}
