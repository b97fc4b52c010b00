// renameat2(2) flags, `linux/fs.h`.

/** Fail with EEXIST rather than replace. */
export const RENAME_NOREPLACE = 1 << 0;
/** Swap the two names; both must exist. */
export const RENAME_EXCHANGE = 1 << 1;
/** Leave a whiteout (character device 0:0) at the old name. */
export const RENAME_WHITEOUT = 1 << 2;
