/* What a file holds after many steps in an order that nobody chose, beside a copy of it in memory. The title of a failure names its seed. */
#include "posix-cases.h"
#include <sys/mman.h>

enum { PAGE = 4096, MOST = 3 << 20, LARGE = 1 << 20, SMALL = 20000, STEPS = 150 };

/* What the file has to hold. */
static unsigned char content[MOST];
static int size;

static unsigned char bytes[MOST];
static int fd;
static unsigned state;

static unsigned below(unsigned limit)
{
	state = state * 1664525 + 1013904223;
	return (state >> 7) % limit;
}

/* New bytes for a range of the file. */
static void change(int at, int length)
{
	unsigned start = below(1 << 20);

	if (at > size)
		memset(content + size, 0, at - size);
	pattern(content + at, length, start);
	if (at + length > size)
		size = at + length;
}

static void is_content(int at, int length)
{
	int there = at >= size ? 0 : size - at < length ? size - at : length;

	IS(there, pread(fd, bytes, length, at));
	BYTES_ARE(content + at, bytes, there);
}

static void read_all(int at_once)
{
	for (int at = 0; at < size; at += at_once)
		is_content(at, at_once);
	IS(0, pread(fd, bytes, 1, size));
}

static void resize(int length)
{
	if (length > size)
		memset(content + size, 0, length - size);
	size = length;
	OK(ftruncate(fd, size));
}

static void punch_hole(int at, int length)
{
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, length));
	if (at < size)
		memset(content + at, 0, size - at < length ? size - at : length);
}

/* From the begin of a page on, within the file, which is not empty. */
static unsigned char *map(int *at, int *length, int protection, int flags)
{
	unsigned char *memory;

	*at = *at % size / PAGE * PAGE;
	if (*length > size - *at)
		*length = size - *at;
	memory = mmap(NULL, *length, protection, flags, fd, *at);
	HOLDS(memory != MAP_FAILED);
	return memory;
}

static void read_mapped(int at, int length)
{
	unsigned char *memory = map(&at, &length, PROT_READ, MAP_PRIVATE);

	BYTES_ARE(content + at, memory, length);
	OK(munmap(memory, length));
}

static void write_mapped(int at, int length)
{
	unsigned char *memory = map(&at, &length, PROT_READ | PROT_WRITE, MAP_SHARED);

	change(at, length);
	memcpy(memory, content + at, length);
	if (below(2))
		OK(msync(memory, length, MS_SYNC));
	BYTES_ARE(content + at, memory, length);
	OK(munmap(memory, length));
}

/* A pipe holds pages of the file while they are written, and mapped. */
static void write_what_a_pipe_holds(int at, int length, int mapped)
{
	int start = at % size / PAGE * PAGE;
	loff_t from = start;
	int ends[2];

	OK(pipe(ends));
	OK(splice(fd, &from, ends[1], NULL, 4 * PAGE, 0));
	change(at, length);
	IS(length, pwrite(fd, content + at, length, at));
	if (mapped)
		write_mapped(start, PAGE);
	OK(close(ends[0]));
	OK(close(ends[1]));
}

static void step(int mapped)
{
	int at = below(MOST);
	int length = 1 + below(below(4) ? SMALL : LARGE);

	if (length > MOST - at)
		length = MOST - at;
	switch (below(mapped ? 12 : 10)) {
	case 0:
	case 1:
		change(at, length);
		IS(length, pwrite(fd, content + at, length, at));
		break;
	case 2:
		resize(at);
		break;
	case 3:
		punch_hole(at, length);
		break;
	case 4:
		OK(close(fd));
		fd = OK(open("file", O_RDWR));
		break;
	case 5:
		if (size > 0)
			write_what_a_pipe_holds(at, length, mapped);
		break;
	case 6:
		drop_caches();
		read_all(below(2) ? LARGE : 16 * PAGE);
		break;
	case 7:
		if (size > 0)
			read_mapped(at, length);
		break;
	case 10:
		if (size > 0)
			write_mapped(at, length);
		break;
	default:
		is_content(at, length);
	}
}

static void walk(unsigned seed, int mapped)
{
	state = seed;
	fd = open_new("file", O_RDWR);
	change(0, MOST / 2);
	IS(size, pwrite(fd, content, size, 0));
	for (int i = 0; i < STEPS; i++)
		step(mapped);
	drop_caches();
	read_all(LARGE);
	IS(size, fstat_of(fd).st_size);
}

CASE("reads, writes, truncations, holes and dropped caches: seed 1") { walk(1, 0); }
CASE("reads, writes, truncations, holes and dropped caches: seed 2") { walk(2, 0); }
CASE("the same with shared mappings that are written: seed 3") { walk(3, 1); }
CASE("the same with shared mappings that are written: seed 4") { walk(4, 1); }
