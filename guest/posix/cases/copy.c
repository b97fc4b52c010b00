/* COPY_FILE_RANGE, sendfile and splice. */
#include "posix-cases.h"
#include <sys/sendfile.h>

enum { KIB = 1024, SIZE = 100 * KIB };

static unsigned char expected[SIZE], got[2 * SIZE];

static int open_patterned(const char *name)
{
	int fd = open_new(name, O_RDWR);

	pattern(expected, SIZE, 0);
	IS(SIZE, write(fd, expected, SIZE));
	OK(lseek(fd, 0, SEEK_SET));
	return fd;
}

/* As much as it gives: a call may copy less than it was asked for. */
static size_t copy_all(int from, off_t *from_at, int to, off_t *to_at, size_t length)
{
	size_t copied = 0;
	ssize_t part;

	while (copied < length && (part = OK(copy_file_range(from, from_at, to, to_at, length - copied, 0))) > 0)
		copied += part;
	return copied;
}

CASE("copy_file_range copies to another file, and moves both places")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR);

	IS(SIZE, copy_all(from, NULL, to, NULL, SIZE));
	IS(SIZE, OK(lseek(from, 0, SEEK_CUR)));
	IS(SIZE, OK(lseek(to, 0, SEEK_CUR)));
	IS(SIZE, pread(to, got, sizeof(got), 0));
	BYTES_ARE(expected, got, SIZE);
}

CASE("given offsets are moved, and the files' own places stay")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR);
	off_t from_at = 1000, to_at = 5000;

	OK(lseek(from, 7, SEEK_SET));
	IS(20000, copy_all(from, &from_at, to, &to_at, 20000));
	IS(21000, from_at);
	IS(25000, to_at);
	IS(7, OK(lseek(from, 0, SEEK_CUR)));
	IS(0, OK(lseek(to, 0, SEEK_CUR)));
	IS(25000, fstat_of(to).st_size);
	IS(25000, pread(to, got, sizeof(got), 0));
	ARE_ZERO(got, 5000);
	BYTES_ARE(expected + 1000, got + 5000, 20000);
}

CASE("it copies over what is there, and no more")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR);
	off_t from_at = 0, to_at = 10;

	memset(got, 'z', 3000);
	IS(3000, write(to, got, 3000));
	IS(1000, copy_all(from, &from_at, to, &to_at, 1000));
	IS(3000, pread(to, got, sizeof(got), 0));
	IS('z', got[9]);
	BYTES_ARE(expected, got + 10, 1000);
	IS('z', got[1010]);
}

CASE("within one file, ranges apart are copied and overlapping ones EINVAL")
{
	int fd = open_patterned("file");
	off_t from_at = 0, to_at = 50000;

	IS(10000, copy_all(fd, &from_at, fd, &to_at, 10000));
	IS(10000, pread(fd, got, 10000, 50000));
	BYTES_ARE(expected, got, 10000);
	from_at = 0;
	to_at = 5000;
	FAILS(EINVAL, copy_file_range(fd, &from_at, fd, &to_at, 10000, 0));
	from_at = 5000;
	to_at = 0;
	FAILS(EINVAL, copy_file_range(fd, &from_at, fd, &to_at, 10000, 0));
	IS(SIZE, fstat_of(fd).st_size);
}

CASE("it ends at the end of the file: less, then 0")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR);
	off_t from_at = SIZE - 100, to_at = 0;

	IS(100, copy_all(from, &from_at, to, &to_at, 5000));
	IS(100, fstat_of(to).st_size);
	IS(0, OK(copy_file_range(from, &from_at, to, &to_at, 5000, 0)));
	from_at = SIZE + 12345;
	IS(0, OK(copy_file_range(from, &from_at, to, &to_at, 5000, 0)));
	IS(100, fstat_of(to).st_size);
}

CASE("wrong descriptors: EBADF, EISDIR, EINVAL")
{
	int from = open_patterned("from"), reads = OK(open("from", O_RDONLY)), to = open_new("to", O_WRONLY), ends[2];

	FAILS(EBADF, copy_file_range(from, NULL, reads, NULL, 10, 0));
	FAILS(EBADF, copy_file_range(to, NULL, from, NULL, 10, 0));
	FAILS(EBADF, copy_file_range(from, NULL, OK(open("to", O_WRONLY | O_APPEND)), NULL, 10, 0));
	OK(pipe(ends));
	FAILS(EINVAL, copy_file_range(ends[0], NULL, to, NULL, 10, 0));
	FAILS(EISDIR, copy_file_range(OK(open(".", O_RDONLY)), NULL, to, NULL, 10, 0));
	FAILS(EINVAL, copy_file_range(from, NULL, to, NULL, 10, 1));
}

CASE("it copies what was written a moment ago, and what was written is not lost")
{
	int from = open_patterned("from"), to = open_patterned("to");
	off_t from_at = 0, to_at = 200;

	IS(5, pwrite(from, "fresh", 5, 100));
	IS(4, pwrite(to, "kept", 4, 100));
	IS(1000, copy_all(from, &from_at, to, &to_at, 1000));
	IS(1200, pread(to, got, 1200, 0));
	BYTES_ARE("kept", got + 100, 4);
	BYTES_ARE("fresh", got + 300, 5);
	IS(SIZE, fstat_of(to).st_size);
}

CASE("it is seen at once by a second descriptor that has read before, and moves mtime")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR), other;
	struct stat before;
	off_t from_at = 0, to_at = 0;

	memset(got, 'z', 8192);
	IS(8192, write(to, got, 8192));
	other = OK(open("to", O_RDONLY));
	IS(8192, pread(other, got, 8192, 0));
	before = fstat_of(to);
	let_time_pass();
	IS(8192, copy_all(from, &from_at, to, &to_at, 8192));
	IS(8192, pread(other, got, 8192, 0));
	BYTES_ARE(expected, got, 8192);
	HOLDS(compare_times(fstat_of(other).st_mtim, before.st_mtim) > 0);
}

CASE("removed files are copied from and to")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR);

	OK(unlink("from"));
	OK(unlink("to"));
	IS(SIZE, copy_all(from, NULL, to, NULL, SIZE));
	IS(SIZE, pread(to, got, sizeof(got), 0));
	BYTES_ARE(expected, got, SIZE);
}

CASE("sendfile copies from a file to a file, and moves the offset")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR);
	off_t at = 5000;
	size_t copied = 0;

	while (copied < 60000)
		copied += OK(sendfile(to, from, &at, 60000 - copied));
	IS(65000, at);
	IS(60000, pread(to, got, sizeof(got), 0));
	BYTES_ARE(expected + 5000, got, 60000);
	at = SIZE;
	IS(0, OK(sendfile(to, from, &at, 100)));
}

CASE("splice moves bytes from a file to a pipe and from a pipe to a file")
{
	int from = open_patterned("from"), to = open_new("to", O_RDWR), ends[2];
	size_t moved = 0;

	OK(pipe(ends));
	while (moved < SIZE) {
		ssize_t in = OK(splice(from, NULL, ends[1], NULL, 32 * KIB, 0));

		HOLDS(in > 0);
		for (ssize_t out = 0; out < in;)
			out += OK(splice(ends[0], NULL, to, NULL, in - out, 0));
		moved += in;
	}
	IS(SIZE, pread(to, got, sizeof(got), 0));
	BYTES_ARE(expected, got, SIZE);
	IS(0, OK(splice(from, NULL, ends[1], NULL, 100, 0)));
}
