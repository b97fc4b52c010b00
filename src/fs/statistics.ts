import { type Awaitable, chain } from "../posix/awaitable.js";
import { NAME_MAX } from "../posix/name.js";
import type { Store } from "../storage/store.js";
import type { Statistics } from "./file-system.js";

const BLOCK_SIZE = 4096;
/** Stores have no limit; programs look whether some are free. */
const FILES = 2 ** 31 - 1;

/** statfs(2) of a store. */
export function statisticsOf(store: Store): Awaitable<Statistics> {
  return chain(store.space(), ({ total, free }) => {
    const blocksFree = Math.floor(free / BLOCK_SIZE);
    const blocks = Math.floor(total / BLOCK_SIZE);
    const counts = { blocks, blocksFree, blocksAvailable: blocksFree, files: FILES, filesFree: FILES };
    return { blockSize: BLOCK_SIZE, nameLength: NAME_MAX, ...counts };
  });
}
