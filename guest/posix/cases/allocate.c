/* FALLOCATE. */
#include "posix-cases.h"

/* 16 KiB of 'x'. */
static int open_filled(void)
{
	static char bytes[16384];
	int fd = open_new("file", O_RDWR);

	memset(bytes, 'x', sizeof(bytes));
	IS(sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	return fd;
}

/* The file is 'x' but for zeros from `start` to `end`. */
static void has_zeros(int fd, int size, int start, int end)
{
	static char expected[32768], got[32768];

	memset(expected, 'x', sizeof(expected));
	memset(expected + start, 0, end - start);
	IS(size, fstat_of(fd).st_size);
	IS(size, pread(fd, got, sizeof(got), 0));
	BYTES_ARE(expected, got, size);
}

CASE("mode 0 makes the file longer, with zeros, and keeps what is there")
{
	int fd = open_filled();

	OK(fallocate(fd, 0, 1000, 100));
	has_zeros(fd, 16384, 0, 0);
	OK(fallocate(fd, 0, 10000, 10000));
	has_zeros(fd, 20000, 16384, 20000);
}

CASE("mode 0 of an empty file, and posix_fallocate")
{
	int fd = open_new("file", O_RDWR);

	OK(fallocate(fd, 0, 0, 5000));
	has_zeros(fd, 5000, 0, 5000);
	IS(0, posix_fallocate(fd, 0, 6000));
	has_zeros(fd, 6000, 0, 6000);
}

CASE("FALLOC_FL_KEEP_SIZE leaves the size")
{
	int fd = open_filled();

	OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 30000));
	has_zeros(fd, 16384, 0, 0);
	OK(ftruncate(fd, 30000));
	has_zeros(fd, 30000, 16384, 30000);
}

CASE("FALLOC_FL_PUNCH_HOLE reads as zeros, whole pages and parts of them")
{
	int fd = open_filled();

	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
	has_zeros(fd, 16384, 4096, 8192);
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3000, 6000));
	has_zeros(fd, 16384, 3000, 9000);
}

CASE("FALLOC_FL_PUNCH_HOLE across and past the end leaves the size")
{
	int fd = open_filled();

	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 12288, 100000));
	has_zeros(fd, 16384, 12288, 16384);
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 200000, 100));
	has_zeros(fd, 16384, 12288, 16384);
}

CASE("what is written into a punched hole is read back, also by another descriptor")
{
	int fd = open_filled(), other = OK(open("file", O_RDONLY));
	char bytes[5];

	IS(5, pread(other, bytes, 5, 5000));
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
	IS(5, pread(other, bytes, 5, 5000));
	ARE_ZERO(bytes, 5);
	IS(5, pwrite(fd, "again", 5, 5000));
	IS(5, pread(other, bytes, 5, 5000));
	BYTES_ARE("again", bytes, 5);
}

/* tmpfs has no FALLOC_FL_ZERO_RANGE. */
CASE("FALLOC_FL_ZERO_RANGE writes zeros, and makes the file longer unless told to keep its size")
{
	int fd = open_filled();

	OK(fallocate(fd, FALLOC_FL_ZERO_RANGE, 3000, 6000));
	has_zeros(fd, 16384, 3000, 9000);
	OK(fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 10000, 10000));
	IS(16384, fstat_of(fd).st_size);
	OK(ftruncate(fd, 0));
	OK(fallocate(fd, FALLOC_FL_ZERO_RANGE, 1000, 1000));
	has_zeros(fd, 2000, 0, 2000);
}

/* ext4 has FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE: there, a range that ends at the end of file is EINVAL. */
CASE("modes that are not there are EOPNOTSUPP, and change nothing")
{
	int fd = open_filled();

	FAILS(EOPNOTSUPP, fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
	FAILS(EOPNOTSUPP, fallocate(fd, 1 << 30, 0, 4096));
	if (on_fuse()) {
		FAILS(EOPNOTSUPP, fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096));
		FAILS(EOPNOTSUPP, fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, 4096));
	}
	has_zeros(fd, 16384, 0, 0);
}

CASE("a descriptor that does not write is EBADF, a range without length EINVAL")
{
	int fd = open_filled(), reads = OK(open("file", O_RDONLY)), pipe_ends[2];

	FAILS(EBADF, fallocate(reads, 0, 0, 100));
	FAILS(EINVAL, fallocate(fd, 0, 0, 0));
	FAILS(EINVAL, fallocate(fd, 0, -1, 100));
	OK(pipe(pipe_ends));
	FAILS(ESPIPE, fallocate(pipe_ends[1], 0, 0, 100));
}

CASE("mtime and ctime advance")
{
	int fd = open_filled();
	struct stat before = fstat_of(fd);

	let_time_pass();
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	HOLDS(compare_times(fstat_of(fd).st_mtim, before.st_mtim) > 0);
	HOLDS(compare_times(fstat_of(fd).st_ctim, before.st_ctim) > 0);
}

CASE("a removed file is allocated and punched too")
{
	int fd = open_filled();

	OK(unlink("file"));
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	has_zeros(fd, 16384, 0, 4096);
	OK(fallocate(fd, 0, 0, 20000));
	IS(20000, fstat_of(fd).st_size);
}
