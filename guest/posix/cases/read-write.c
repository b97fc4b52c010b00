/* READ and WRITE. */
#include "posix-cases.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { MIB = 1 << 20 };

static unsigned char expected[3 * MIB], got[3 * MIB];

CASE("3 MiB in one write are read back, at once and in odd parts")
{
	int fd = open_new("file", O_RDWR);
	size_t at = 0, part = 1;

	pattern(expected, sizeof(expected), 0);
	IS(sizeof(expected), write(fd, expected, sizeof(expected)));
	IS(sizeof(got), pread(fd, got, sizeof(got), 0));
	BYTES_ARE(expected, got, sizeof(got));
	OK(fsync(fd));
	OK(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	memset(got, 0, sizeof(got));
	for (; at < sizeof(got); at += part, part = part * 7 % 99991 + 1) {
		if (part > sizeof(got) - at)
			part = sizeof(got) - at;
		IS(part, pread(fd, got + at, part, at));
	}
	BYTES_ARE(expected, got, sizeof(got));
}

CASE("writes at odd places over what is there")
{
	int fd = open_new("file", O_RDWR);

	pattern(expected, MIB, 0);
	IS(MIB, write(fd, expected, MIB));
	for (int i = 0, at = 1; i < 200; i++, at = (at * 13 + 4097) % (MIB - 5000)) {
		size_t length = at % 4999 + 1;

		memset(expected + at, i, length);
		IS(length, pwrite(fd, expected + at, length, at));
	}
	IS(MIB, pread(fd, got, sizeof(got), 0));
	BYTES_ARE(expected, got, MIB);
	OK(close(fd));
	fd = OK(open("file", O_RDONLY));
	IS(MIB, read(fd, got, sizeof(got)));
	BYTES_ARE(expected, got, MIB);
}

CASE("read at and past the end is 0, across it what is there")
{
	int fd = open_new("file", O_RDWR);
	char bytes[16];

	IS(5, write(fd, "12345", 5));
	IS(0, read(fd, bytes, sizeof(bytes)));
	IS(0, pread(fd, bytes, sizeof(bytes), 5));
	IS(0, pread(fd, bytes, sizeof(bytes), 1LL << 40));
	IS(2, pread(fd, bytes, sizeof(bytes), 3));
	BYTES_ARE("45", bytes, 2);
	IS(0, write(fd, "", 0));
	IS(5, fstat_of(fd).st_size);
}

CASE("a hole reads as zeros")
{
	int fd = open_new("file", O_RDWR);

	IS(3, write(fd, "abc", 3));
	IS(3, pwrite(fd, "xyz", 3, 100003));
	IS(100006, pread(fd, got, sizeof(got), 0));
	BYTES_ARE("abc", got, 3);
	ARE_ZERO(got + 3, 100000);
	BYTES_ARE("xyz", got + 100003, 3);
}

CASE("pread and pwrite past 4 GiB, and across it")
{
	int fd = open_new("file", O_RDWR);
	off_t edge = 1LL << 32;

	pattern(expected, 10000, 77);
	IS(10000, pwrite(fd, expected, 10000, edge - 5000));
	IS(4, pwrite(fd, "far!", 4, 10 * edge));
	IS(10 * edge + 4, fstat_of(fd).st_size);
	IS(10000, pread(fd, got, 10000, edge - 5000));
	BYTES_ARE(expected, got, 10000);
	IS(4, pread(fd, got, 100, 10 * edge));
	BYTES_ARE("far!", got, 4);
	IS(1, pread(fd, got, 1, 5000));
	IS(0, got[0]);
	OK(ftruncate(fd, edge + 1));
	IS(5001, pread(fd, got, 10000, edge - 5000));
	BYTES_ARE(expected, got, 5001);
}

CASE("readv and writev, preadv and pwritev")
{
	int fd = open_new("file", O_RDWR);
	char a[3], b[5], c[100];
	struct iovec out[] = { { "one", 3 }, { "", 0 }, { "three", 5 } }, in[] = { { a, 3 }, { b, 5 }, { c, 100 } };

	IS(8, writev(fd, out, 3));
	IS(8, pwritev(fd, out, 3, 8));
	IS(16, preadv(fd, in, 3, 0));
	BYTES_ARE("one", a, 3);
	BYTES_ARE("three", b, 5);
	BYTES_ARE("onethree", c, 8);
	OK(lseek(fd, 13, SEEK_SET));
	IS(3, readv(fd, in, 3));
	BYTES_ARE("ree", a, 3);
}

CASE("a write past RLIMIT_FSIZE is cut, then EFBIG with SIGXFSZ")
{
	int fd = open_new("file", O_RDWR);
	struct rlimit limit = { .rlim_cur = 10000, .rlim_max = 10000 };

	OK(setrlimit(RLIMIT_FSIZE, &limit));
	HOLDS(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	memset(expected, 'x', 20000);
	IS(10000, write(fd, expected, 20000));
	FAILS(EFBIG, write(fd, "x", 1));
	FAILS(EFBIG, ftruncate(fd, 10001));
	FAILS(EFBIG, fallocate(fd, 0, 0, 10001));
	OK(ftruncate(fd, 9000));
	IS(10000 - 9000, pwrite(fd, expected, 20000, 9000));
	IS(10000, fstat_of(fd).st_size);
}

CASE("SIGXFSZ ends a process that does not expect it")
{
	struct rlimit limit = { .rlim_cur = 10, .rlim_max = 10 };
	int status;
	pid_t child = start_child();

	if (!child) {
		int fd = open_new("file", O_WRONLY);

		OK(setrlimit(RLIMIT_FSIZE, &limit));
		IS(10, write(fd, "0123456789", 10));
		FAIL("expected SIGXFSZ, and write returned %d", (int)write(fd, "x", 1));
	}
	OK(waitpid(child, &status, 0));
	HOLDS(WIFSIGNALED(status));
	IS(SIGXFSZ, WTERMSIG(status));
	FILE_IS("0123456789", "file");
}

CASE("a bad address is EFAULT, and nothing is changed")
{
	int fd = open_new("file", O_RDWR);
	void *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	IS(4, write(fd, "text", 4));
	FAILS(EFAULT, pwrite(fd, nowhere, 4, 0));
	FAILS(EFAULT, pread(fd, nowhere, 4, 0));
	TEXT_IS("text", text_of(fd));
}

/* As much is written as can be read, to a page, whatever the pages that it is put into. */
static void write_what_is_readable(int at)
{
	enum { PAGE = 4096, PAGES = 600, READABLE = 421 * PAGE, ODD = 123 };
	int fd = open_new("file", O_RDWR), count;
	unsigned char *memory =
		mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	pattern(memory, READABLE, 1);
	OK(mprotect(memory + READABLE, PAGES * PAGE - READABLE, PROT_NONE));
	count = OK(pwrite(fd, memory + ODD, PAGES * PAGE - ODD, at));
	HOLDS(count > READABLE - ODD - PAGE && count <= READABLE - ODD);
	for (int cold = 0; cold < 2; cold++) {
		IS(at + count, fstat_of(fd).st_size);
		IS(count, pread(fd, got, sizeof(got), at));
		BYTES_ARE(memory + ODD, got, count);
		IS(at, pread(fd, got, at, 0));
		ARE_ZERO(got, at);
		drop_caches();
	}
}

CASE("a write from memory that ends within it: what there is, from the begin of a page on") { write_what_is_readable(0); }
CASE("a write from memory that ends within it: what there is, from within a page on") { write_what_is_readable(777777); }

CASE("a write out of a mapping of the same file, of pages that are not there yet")
{
	enum { LENGTH = 2 << 20 };
	int fd = open_new("file", O_RDWR);
	unsigned char *bytes = malloc(LENGTH), *copy = malloc(LENGTH), *memory;

	pattern(bytes, LENGTH, 5);
	IS(LENGTH, pwrite(fd, bytes, LENGTH, 0));
	memory = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, fd, 0);
	HOLDS(memory != MAP_FAILED);
	drop_caches();
	IS(LENGTH, pwrite(fd, memory, LENGTH, LENGTH));
	drop_caches();
	IS(LENGTH, pwrite(fd, memory, LENGTH, 0));
	IS(LENGTH, pread(fd, copy, LENGTH, 0));
	BYTES_ARE(bytes, copy, LENGTH);
	IS(LENGTH, pread(fd, copy, LENGTH, LENGTH));
	BYTES_ARE(bytes, copy, LENGTH);
}

CASE("a descriptor's place is shared with its duplicates and with children")
{
	int fd = open_new("file", O_RDWR), copy = OK(dup(fd));

	IS(3, write(fd, "one", 3));
	IS(3, write(copy, "two", 3));
	IN_CHILD {
		IS(5, write(fd, "three", 5));
	}
	IS(4, write(fd, "four", 4));
	FILE_IS("onetwothreefour", "file");
}

CASE("what one process writes another reads at once, before any close")
{
	struct gate written = make_gate();
	pid_t child = start_child();

	if (!child) {
		int fd = open_new("file", O_WRONLY);

		IS(4, write(fd, "text", 4));
		open_gate(written);
		let_time_pass();
		end_child(0);
	}
	wait_at(written);
	FILE_IS("text", "file");
	end_child(child);
}

CASE("ten thousand writes of one byte")
{
	int fd = open_new("file", O_RDWR);

	pattern(expected, 10000, 3);
	for (int i = 0; i < 10000; i++)
		IS(1, write(fd, expected + i, 1));
	IS(10000, pread(fd, got, sizeof(got), 0));
	BYTES_ARE(expected, got, 10000);
}
