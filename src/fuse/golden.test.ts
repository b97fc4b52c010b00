import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encodeName } from "../posix/name.js";
import * as fuse from "./fuse.js";
import type { FuseMessage } from "./message.js";
import { type Exchange, formatExchange, parseExchange } from "./testing/golden/exchange.js";
import { GOLDEN_FILES, goldenServer, type GoldenSession } from "./testing/golden/session.js";
import { KernelDouble, LINUX_6_1, LINUX_6_12, ReplyError, type Server } from "./testing/kernel-double.js";
import { MessageDouble } from "./testing/message-double.js";

/** What a kernel must have sent in a session for the recording to say something. */
const ALWAYS_SENT =
  "CREATE DESTROY FALLOCATE FORGET FSYNC GETATTR INIT LINK LOOKUP MKDIR MKNOD OPEN OPENDIR READ READDIRPLUS READLINK RENAME RMDIR SETATTR STATFS SYMLINK UNLINK WRITE".split(
    " ",
  );
/** What it sends more where others change the store too. */
const SENT_TO_SHARED = ["FLUSH", "FSYNCDIR", "RELEASE", "RELEASEDIR", "SYNCFS"];

describe.each(GOLDEN_FILES)("%s", (name) => {
  const { exclusive, exchanges } = readGolden(name);

  test("has every operation of the session", () => {
    const sent = exchanges.map(({ operation }) => operation);
    expect(sent).toEqual(expect.arrayContaining(exclusive ? ALWAYS_SENT : [...ALWAYS_SENT, ...SENT_TO_SHARED]));
    expect([sent[0], sent.at(-1)]).toEqual(["INIT", "DESTROY"]);
  });

  test("the server answers as it did, byte for byte", async () => {
    const server = goldenServer(exclusive);
    const replayed: string[] = [];
    for (const exchange of exchanges) {
      const message = new MessageDouble([exchange.request], [exchange.room].filter(Boolean));
      server.handle(message);
      const written = await message.completion;
      replayed.push(formatExchange({ ...exchange, reply: message.reply().subarray(0, written) }));
    }
    expect(replayed).toEqual(exchanges.map(formatExchange));
  });

  test("the double sends what the guest sent, byte for byte", async () => {
    for (const exchange of exchanges) {
      const wire = new Wire(exchange);
      const kernel = new KernelDouble(wire);
      const header = fuse.fuse_in_header.decode(exchange.request);
      kernel.caller = { uid: header.uid, gid: header.gid, pid: header.pid };
      const send = SENDERS[exchange.operation];
      if (send === undefined) throw new Error(`the double has no ${exchange.operation}`);
      await Promise.resolve(send(kernel, header.nodeid, exchange.request.subarray(fuse.fuse_in_header.size))).catch(
        (error: unknown) => {
          if (!(error instanceof ReplyError)) throw error;
        },
      );
      expect(wire.sent).toBe(comparable(exchange));
    }
  });
});

describe("what the guest says", () => {
  test.each([
    ["linux-6.12-exclusive", LINUX_6_12],
    ["linux-6.1-exclusive", LINUX_6_1],
  ])("%s offers what the double offers", (name, offer) => {
    const [init] = readGolden(name).exchanges;
    expect(fuse.fuse_init_in.decode(args(init!))).toEqual(offer);
  });

  test("CREATE carries flags, mode, umask and the name", () => {
    const create = find("CREATE", (exchange) => text(args(exchange), fuse.fuse_create_in.size) === "new");
    // O_WRONLY | O_CREAT | O_TRUNC | O_LARGEFILE, and O_EXCL, as our kernel knows that the name is free
    // (guest/patches/fuse-create-without-lookup.patch); regular, rw-r--r-- after the umask was applied to 0666.
    expect(fuse.fuse_create_in.decode(args(create))).toEqual({
      flags: 0o101301,
      mode: 0o100644,
      umask: 0o022,
      open_flags: 0,
    });
  });

  test("WRITE carries its bytes behind the struct", () => {
    const write = find("WRITE", (exchange) => fuse.fuse_write_in.decode(args(exchange)).size === 5000);
    expect(args(write).length).toBe(fuse.fuse_write_in.size + 5000);
    expect(fuse.fuse_write_in.decode(args(write)).offset).toBe(0);
    expect(fuse.fuse_write_out.decode(write.reply.subarray(fuse.fuse_out_header.size)).size).toBe(5000);
  });

  test("RENAME carries the new parent and both names", () => {
    const rename = find("RENAME", () => true);
    const { newdir } = fuse.fuse_rename_in.decode(args(rename));
    expect(newdir).not.toBe(fuse.fuse_in_header.decode(rename.request).nodeid);
    expect(text(args(rename), fuse.fuse_rename_in.size)).toBe("new\0moved");
  });

  test("SYMLINK carries the name, then the target", () => {
    expect(text(args(find("SYMLINK", () => true)))).toBe("link\0../new");
  });

  test("SETATTR says which attributes it sets", () => {
    const changes = readGolden("linux-6.12-shared")
      .exchanges.filter(({ operation }) => operation === "SETATTR")
      .map((exchange) => fuse.fuse_setattr_in.decode(args(exchange)));
    expect(changes[0]).toMatchObject({ valid: fuse.FATTR_MODE, mode: 0o100600 });
    expect(changes[1]).toMatchObject({
      valid: fuse.FATTR_UID | fuse.FATTR_GID | fuse.FATTR_KILL_SUIDGID,
      uid: 1000,
      gid: 1001,
    });
    expect(changes[2]).toMatchObject({ valid: fuse.FATTR_SIZE | fuse.FATTR_FH | fuse.FATTR_LOCKOWNER, size: 3 });
    // 2001-02-03T04:05:06Z
    expect(changes[3]).toMatchObject({
      valid: fuse.FATTR_ATIME | fuse.FATTR_MTIME,
      atime: 981_173_106,
      mtime: 981_173_106,
    });
  });

  function find(operation: string, matches: (exchange: Exchange) => boolean): Exchange {
    const { exchanges } = readGolden("linux-6.12-shared");
    const found = exchanges.find((exchange) => exchange.operation === operation && matches(exchange));
    if (found === undefined) throw new Error(`no such ${operation}`);
    return found;
  }
});

test("recordings are written and read back as they are", () => {
  const exchange = {
    operation: "LOOKUP",
    request: Uint8Array.of(0, 0, 0, 0, 1, 0, 0),
    room: 16,
    reply: Uint8Array.of(0xa0, 0, 0, 0),
  };
  expect(formatExchange(exchange)).toBe("LOOKUP (4)010000 16 a0(3)");
  expect(parseExchange(formatExchange(exchange))).toEqual(exchange);
});

function readGolden(name: string): { exclusive: boolean; exchanges: Exchange[] } {
  const file = new URL(`testing/golden/${name}.json`, import.meta.url);
  const session = JSON.parse(readFileSync(file, "utf8")) as GoldenSession;
  return { exclusive: session.exclusive, exchanges: session.exchanges.map(parseExchange) };
}

/** Answers the one request of a KernelDouble as it was answered in the recording. */
class Wire implements Server {
  sent = "";

  constructor(private readonly recorded: Exchange) {}

  handle(message: FuseMessage): void {
    const request = new Uint8Array(message.readableLength);
    message.copyIn(0, request);
    const unique = request.slice(UNIQUE.start, UNIQUE.end);
    this.sent = comparable({ ...this.recorded, request, room: message.writableLength });
    const reply = this.recorded.reply.slice();
    if (reply.length > 0) {
      reply.set(unique, fuse.fuse_out_header.offsets.unique);
      message.copyOut(0, reply);
    }
    message.complete(reply.length);
  }
}

type Send = (kernel: KernelDouble, nodeid: number, args: Uint8Array) => Promise<unknown> | void;

/** How the double is asked for a request that the guest sent. */
const SENDERS: Readonly<Record<string, Send>> = {
  INIT: (kernel, _nodeid, args) => kernel.mount(fuse.fuse_init_in.decode(args)),
  DESTROY: (kernel) => kernel.destroy(),
  LOOKUP: (kernel, nodeid, args) => kernel.lookup(nodeid, names(args)[0]!),
  FORGET: (kernel, nodeid, args) => kernel.forget(nodeid, fuse.fuse_forget_in.decode(args).nlookup),
  GETATTR: (kernel, nodeid, args) => {
    const { getattr_flags, fh } = fuse.fuse_getattr_in.decode(args);
    return kernel.getattr(nodeid, (getattr_flags & fuse.FUSE_GETATTR_FH) === 0 ? undefined : fh);
  },
  SETATTR: (kernel, nodeid, args) => {
    const changes = fuse.fuse_setattr_in.decode(args);
    return kernel.setattr(nodeid, changes.valid, changes);
  },
  READLINK: (kernel, nodeid) => kernel.readlink(nodeid),
  SYMLINK: (kernel, nodeid, args) => kernel.symlink(nodeid, names(args)[0]!, names(args)[1]!),
  MKNOD: (kernel, nodeid, args) => {
    const { mode, rdev } = fuse.fuse_mknod_in.decode(args);
    return kernel.mknod(nodeid, names(args, fuse.fuse_mknod_in.size)[0]!, mode, rdev);
  },
  MKDIR: (kernel, nodeid, args) =>
    kernel.mkdir(nodeid, names(args, fuse.fuse_mkdir_in.size)[0]!, fuse.fuse_mkdir_in.decode(args).mode),
  UNLINK: (kernel, nodeid, args) => kernel.unlink(nodeid, names(args)[0]!),
  RMDIR: (kernel, nodeid, args) => kernel.rmdir(nodeid, names(args)[0]!),
  RENAME: (kernel, nodeid, args) => {
    const [name, newName] = names(args, fuse.fuse_rename_in.size);
    return kernel.rename(nodeid, name!, fuse.fuse_rename_in.decode(args).newdir, newName!);
  },
  LINK: (kernel, nodeid, args) =>
    kernel.link(fuse.fuse_link_in.decode(args).oldnodeid, nodeid, names(args, fuse.fuse_link_in.size)[0]!),
  OPEN: (kernel, nodeid, args) => {
    const { flags, open_flags } = fuse.fuse_open_in.decode(args);
    return kernel.open(nodeid, flags, open_flags);
  },
  READ: (kernel, nodeid, args) => {
    const { fh, offset, size, flags } = fuse.fuse_read_in.decode(args);
    return kernel.read(nodeid, fh, offset, size, flags);
  },
  WRITE: (kernel, nodeid, args) => {
    const { fh, offset, write_flags, flags } = fuse.fuse_write_in.decode(args);
    return kernel.write(nodeid, fh, offset, args.subarray(fuse.fuse_write_in.size), write_flags, flags);
  },
  STATFS: (kernel, nodeid) => kernel.statfs(nodeid),
  RELEASE: (kernel, nodeid, args) => {
    const { fh, flags } = fuse.fuse_release_in.decode(args);
    return kernel.release(nodeid, fh, flags);
  },
  FSYNC: (kernel, nodeid, args) => {
    const { fh, fsync_flags } = fuse.fuse_fsync_in.decode(args);
    return kernel.fsync(nodeid, fh, (fsync_flags & fuse.FUSE_FSYNC_FDATASYNC) !== 0);
  },
  GETXATTR: (kernel, nodeid, args) =>
    kernel.getxattr(nodeid, names(args, fuse.fuse_getxattr_in.size)[0]!, fuse.fuse_getxattr_in.decode(args).size),
  LISTXATTR: (kernel, nodeid, args) => kernel.listxattr(nodeid, fuse.fuse_getxattr_in.decode(args).size),
  SETXATTR: (kernel, nodeid, args) => {
    const { size, flags } = fuse.fuse_setxattr_in_compat.decode(args);
    const [name] = names(args.subarray(0, args.length - size), fuse.fuse_setxattr_in_compat.size);
    return kernel.setxattr(nodeid, name!, args.subarray(args.length - size), flags);
  },
  REMOVEXATTR: (kernel, nodeid, args) => kernel.removexattr(nodeid, names(args)[0]!),
  STATX: (kernel, nodeid, args) => kernel.statx(nodeid, fuse.fuse_statx_in.decode(args)),
  FLUSH: (kernel, nodeid, args) => kernel.flush(nodeid, fuse.fuse_flush_in.decode(args).fh),
  OPENDIR: (kernel, nodeid, args) => kernel.opendir(nodeid, fuse.fuse_open_in.decode(args).flags),
  READDIR: (kernel, nodeid, args) => {
    const { fh, offset, size, flags } = fuse.fuse_read_in.decode(args);
    return kernel.readdir(nodeid, fh, offset, size, flags);
  },
  READDIRPLUS: (kernel, nodeid, args) => {
    const { fh, offset, size, flags } = fuse.fuse_read_in.decode(args);
    return kernel.readdirplus(nodeid, fh, offset, size, flags);
  },
  RELEASEDIR: (kernel, nodeid, args) => {
    const { fh, flags } = fuse.fuse_release_in.decode(args);
    return kernel.releasedir(nodeid, fh, flags);
  },
  FSYNCDIR: (kernel, nodeid, args) => {
    const { fh, fsync_flags } = fuse.fuse_fsync_in.decode(args);
    return kernel.fsyncdir(nodeid, fh, (fsync_flags & fuse.FUSE_FSYNC_FDATASYNC) !== 0);
  },
  CREATE: (kernel, nodeid, args) => {
    const { flags, mode, open_flags } = fuse.fuse_create_in.decode(args);
    return kernel.create(nodeid, names(args, fuse.fuse_create_in.size)[0]!, flags, mode, open_flags);
  },
  LSEEK: (kernel, nodeid, args) => {
    const { fh, offset, whence } = fuse.fuse_lseek_in.decode(args);
    return kernel.lseek(nodeid, fh, offset, whence);
  },
  COPY_FILE_RANGE: (kernel, nodeid, args) => kernel.copyFileRange(nodeid, fuse.fuse_copy_file_range_in.decode(args)),
  RENAME2: (kernel, nodeid, args) => {
    const [name, newName] = names(args, fuse.fuse_rename2_in.size);
    const { newdir, flags } = fuse.fuse_rename2_in.decode(args);
    return kernel.rename(nodeid, name!, newdir, newName!, flags);
  },
  FALLOCATE: (kernel, nodeid, args) => {
    const { fh, mode, offset, length } = fuse.fuse_fallocate_in.decode(args);
    return kernel.fallocate(nodeid, fh, mode, offset, length);
  },
  SYNCFS: (kernel, nodeid) => kernel.syncfs(nodeid),
};

const UNIQUE = range(fuse.fuse_in_header.offsets.unique, 8);
/** `lock_owner`s are random numbers of the kernel's that the server must not look at; the double sends zeros. */
const LOCK_OWNER: Readonly<Record<string, { start: number; end: number }>> = {
  FLUSH: range(fuse.fuse_in_header.size + fuse.fuse_flush_in.offsets.lock_owner, 8),
  SETATTR: range(fuse.fuse_in_header.size + fuse.fuse_setattr_in.offsets.lock_owner, 8),
};

/** A request without what differs between two recordings of the same. */
function comparable(exchange: Exchange): string {
  const request = exchange.request.slice();
  const masked = [UNIQUE, LOCK_OWNER[exchange.operation]].filter((part) => part !== undefined);
  for (const { start, end } of masked) request.fill(0, start, end);
  return formatExchange({ ...exchange, request, reply: new Uint8Array(0) });
}

function range(start: number, length: number): { start: number; end: number } {
  return { start, end: start + length };
}

function args({ request }: Exchange): Uint8Array {
  return request.subarray(fuse.fuse_in_header.size);
}

/** The text from `start` on, without its last NUL. */
function text(bytes: Uint8Array, start = 0): string {
  return new TextDecoder().decode(bytes.subarray(start, -1));
}

/** The names from `start` on, each of which ends with a NUL. */
function names(bytes: Uint8Array, start = 0): Uint8Array[] {
  return text(bytes, start).split("\0").map(encodeName);
}
