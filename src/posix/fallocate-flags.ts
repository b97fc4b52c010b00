// fallocate(2) modes, `linux/falloc.h`.

/** Leave the size as it is. */
export const FALLOC_FL_KEEP_SIZE = 1 << 0;
/** Make a hole; always with FALLOC_FL_KEEP_SIZE. */
export const FALLOC_FL_PUNCH_HOLE = 1 << 1;
export const FALLOC_FL_COLLAPSE_RANGE = 1 << 3;
/** Make a range read as zeros. */
export const FALLOC_FL_ZERO_RANGE = 1 << 4;
export const FALLOC_FL_INSERT_RANGE = 1 << 5;
export const FALLOC_FL_UNSHARE_RANGE = 1 << 6;
