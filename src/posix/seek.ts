// lseek(2), `linux/fs.h`. SEEK_SET, SEEK_CUR and SEEK_END are the kernel's own work.

/** To the next data. */
export const SEEK_DATA = 3;
/** To the next hole. */
export const SEEK_HOLE = 4;
