/* A file that was read from begin to end: what is in memory of it then, a kernel may hold in pieces of many pages. */
#include "posix-cases.h"
#include <sys/mman.h>

enum { PAGE = 4096, SIZE = 768 * PAGE, CHUNK = 16 * PAGE };

static char content[SIZE];

static void make_content(void)
{
	unsigned state = 1;

	for (int i = 0; i < SIZE; i++)
		content[i] = (state = state * 1664525 + 1013904223) >> 24;
}

/* What memory has of it is given up first, so that the file system is asked. */
static void is_content(int fd, int size)
{
	static char bytes[CHUNK];

	OK(fdatasync(fd));
	IS(0, posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	for (int at = 0; at < size; at += CHUNK) {
		int count = size - at < CHUNK ? size - at : CHUNK;

		IS(count, pread(fd, bytes, CHUNK, at));
		BYTES_ARE(content + at, bytes, count);
	}
}

static int open_read_ahead(void)
{
	int fd = open_new("file", O_RDWR);

	make_content();
	IS(SIZE, write(fd, content, SIZE));
	is_content(fd, SIZE);
	return fd;
}

CASE("parts of it that are written, of a page and across pages, are read")
{
	static char written[2 * PAGE];
	int fd = open_read_ahead();

	for (int at = 5 * PAGE - 3; at < SIZE - 3 * PAGE; at += 41 * PAGE + 777) {
		memset(content + at, at >> 12, 2 * PAGE);
		IS(2 * PAGE, pwrite(fd, content + at, 2 * PAGE, at));
		IS(2 * PAGE, pread(fd, written, 2 * PAGE, at));
		BYTES_ARE(content + at, written, 2 * PAGE);
	}
	is_content(fd, SIZE);
}

CASE("what is written through a mapping made afterwards is in the file, and in mappings made before")
{
	int fd = open_read_ahead();
	char *before = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, OK(open("file", O_RDONLY)), 0);
	char *memory;

	HOLDS(before != MAP_FAILED);
	IS(content[600 * PAGE], before[600 * PAGE]);
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	HOLDS(memory != MAP_FAILED);
	for (int at = 3; at < SIZE; at += 37 * PAGE) {
		memory[at] = ++content[at];
		IS(content[at], before[at]);
	}
	OK(msync(memory, SIZE, MS_SYNC));
	OK(munmap(memory, SIZE));
	is_content(fd, SIZE);
	BYTES_ARE(content, before, SIZE);
}

CASE("it is cut off inside of what was read at once, and grows with zeros")
{
	int fd = open_read_ahead();

	OK(ftruncate(fd, 601 * PAGE + 5));
	is_content(fd, 601 * PAGE + 5);
	memset(content + 601 * PAGE + 5, 0, SIZE - 601 * PAGE - 5);
	OK(ftruncate(fd, SIZE));
	is_content(fd, SIZE);
}
