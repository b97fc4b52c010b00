import { Errno } from "../posix/errno.js";
import { FsError } from "../posix/fs-error.js";

// What the directories and files of a store that takes no changes have in common. `fs/` asks for no change: these answer all the same.

export abstract class ReadOnlyDirectory {
  createFile(): never {
    throw new FsError(Errno.EROFS);
  }
  createDirectory(): never {
    throw new FsError(Errno.EROFS);
  }
  remove(): never {
    throw new FsError(Errno.EROFS);
  }
  rename(): never {
    throw new FsError(Errno.EROFS);
  }
}

/** A file open for reading only: nothing of it is unsaved, and nothing can be removed under it. */
export abstract class OpenForReading {
  readonly writable = false;

  write(): never {
    throw new FsError(Errno.EBADF, "open for reading only");
  }
  truncate(): never {
    throw new FsError(Errno.EBADF, "open for reading only");
  }
  flush(): void {}
  unsaved(): number {
    return 0;
  }
  detach(): void {}
  close(): void {}
}
