/* mmap: files in memory. */
#include "posix-cases.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PAGE = 4096 };

static char *map(int fd, size_t length, int protection, int flags)
{
	char *memory = mmap(NULL, length, protection, flags, fd, 0);

	if (memory == MAP_FAILED)
		FAIL("mmap: expected success, got %s", strerrorname_np(errno));
	return memory;
}

static int open_pages(int pages)
{
	static char bytes[8 * PAGE];
	int fd = open_new("file", O_RDWR);

	memset(bytes, 'x', sizeof(bytes));
	IS(pages * PAGE, write(fd, bytes, pages * PAGE));
	return fd;
}

/* The child touches `byte`, and has to be ended by SIGBUS. */
static void is_bus_error(volatile char *byte, int writes)
{
	int status;
	pid_t child = start_child();

	if (!child) {
		if (writes)
			*byte = 1;
		else
			(void)*byte;
		end_child(0);
	}
	OK(waitpid(child, &status, 0));
	HOLDS(WIFSIGNALED(status));
	IS(SIGBUS, WTERMSIG(status));
}

CASE("a shared mapping shows the file, and what is written to it by write")
{
	int fd = open_pages(2);
	char *memory = map(fd, 2 * PAGE, PROT_READ, MAP_SHARED);

	IS('x', memory[PAGE]);
	IS(5, pwrite(fd, "hello", 5, PAGE - 2));
	BYTES_ARE("xhellox", memory + PAGE - 3, 7);
}

CASE("what is written to a shared mapping is read by read, of any descriptor")
{
	int fd = open_pages(2), other = OK(open("file", O_RDONLY));
	char *memory = map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), bytes[8];

	memcpy(memory + PAGE - 2, "hello", 5);
	IS(7, pread(fd, bytes, 7, PAGE - 3));
	BYTES_ARE("xhellox", bytes, 7);
	IS(7, pread(other, bytes, 7, PAGE - 3));
	BYTES_ARE("xhellox", bytes, 7);
}

CASE("two mappings of one file are one memory, also between processes")
{
	int fd = open_pages(1);
	char *a = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	char *b = map(OK(open("file", O_RDWR)), PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	a[10] = 'a';
	IS('a', b[10]);
	IN_CHILD {
		IS('a', b[10]);
		b[11] = 'b';
	}
	IS('b', a[11]);
}

CASE("after msync and munmap it is in the file for all who open it")
{
	int fd = open_pages(2);
	char *memory = map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	memcpy(memory, "start", 5);
	memcpy(memory + 2 * PAGE - 3, "end", 3);
	OK(msync(memory, 2 * PAGE, MS_SYNC));
	IN_CHILD {
		const char *text = text_of(OK(open("file", O_RDONLY)));

		BYTES_ARE("start", text, 5);
		BYTES_ARE("end", text + 2 * PAGE - 3, 3);
	}
	memcpy(memory, "again", 5);
	OK(munmap(memory, 2 * PAGE));
	OK(close(fd));
	BYTES_ARE("again", text_of(OK(open("file", O_RDONLY))), 5);
	IS(2 * PAGE, lstat_of("file").st_size);
}

CASE("a mapping outlives its descriptor, and the file's name")
{
	int fd = open_pages(1);
	char *memory = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	OK(close(fd));
	memcpy(memory, "closed", 6);
	BYTES_ARE("closed", text_of(OK(open("file", O_RDONLY))), 6);
	OK(unlink("file"));
	memcpy(memory, "unlinked", 8);
	OK(msync(memory, PAGE, MS_SYNC));
	BYTES_ARE("unlinked", memory, 8);
}

CASE("a private mapping is not written back")
{
	int fd = open_pages(1);
	char *memory = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE), byte;

	memory[0] = 'p';
	OK(msync(memory, PAGE, MS_SYNC));
	IS(1, pread(fd, &byte, 1, 0));
	IS('x', byte);
	OK(munmap(memory, PAGE));
	IS('x', text_of(OK(open("file", O_RDONLY)))[0]);
}

CASE("past the last page is SIGBUS, for reading and for writing")
{
	int fd = open_pages(1);
	char *memory = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	IS('x', memory[PAGE - 1]);
	is_bus_error(memory + PAGE, 0);
	is_bus_error(memory + 2 * PAGE, 1);
}

CASE("the rest of the last page is zero, and is not written to the file")
{
	int fd = open_new("file", O_RDWR);
	char *memory;

	IS(5, write(fd, "12345", 5));
	memory = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	BYTES_ARE("12345", memory, 5);
	ARE_ZERO(memory + 5, PAGE - 5);
	memory[4] = '!';
	memory[5] = '?';
	OK(msync(memory, PAGE, MS_SYNC));
	IS(5, lstat_of("file").st_size);
	FILE_IS("1234!", "file");
	OK(ftruncate(fd, 8));
	OK(munmap(memory, PAGE));
	IS(8, lstat_of("file").st_size);
}

CASE("a file that is truncated under its mapping: SIGBUS behind the new end, zeros up to the page's")
{
	int fd = open_pages(3);
	char *memory = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	memory[2 * PAGE] = 'y';
	OK(ftruncate(fd, 100));
	IS('x', memory[99]);
	IS(0, memory[100]);
	IS(0, memory[PAGE - 1]);
	is_bus_error(memory + PAGE, 0);
	is_bus_error(memory + 2 * PAGE, 1);
}

CASE("a file that grows under its mapping is there, with zeros")
{
	int fd = open_pages(1);
	char *memory = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	OK(ftruncate(fd, 3 * PAGE));
	IS(0, memory[2 * PAGE]);
	memory[2 * PAGE] = 'g';
	OK(msync(memory, 3 * PAGE, MS_SYNC));
	IS('g', text_of(OK(open("file", O_RDONLY)))[2 * PAGE]);
}

CASE("a hole that is written by its mapping")
{
	int fd = open_new("file", O_RDWR);
	char *memory;

	OK(ftruncate(fd, 6 * PAGE));
	memory = map(fd, 6 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	IS(0, memory[4 * PAGE]);
	memory[4 * PAGE + 7] = 'h';
	OK(msync(memory, 6 * PAGE, MS_SYNC));
	OK(munmap(memory, 6 * PAGE));
	IS(0, text_of(fd)[4 * PAGE + 6]);
	IS('h', text_of(fd)[4 * PAGE + 7]);
}

CASE("the access mode limits the protection: EACCES")
{
	int reads = open_new("file", O_RDONLY), writes = OK(open("file", O_WRONLY));

	OK(ftruncate(writes, PAGE));
	HOLDS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reads, 0) == MAP_FAILED);
	IS(EACCES, errno);
	HOLDS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, writes, 0) == MAP_FAILED);
	IS(EACCES, errno);
	map(reads, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

CASE("writes through a mapping move mtime by the time of msync")
{
	int fd = open_pages(1);
	struct stat before = fstat_of(fd);
	char *memory = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);

	let_time_pass();
	memory[0] = 'm';
	OK(msync(memory, PAGE, MS_SYNC));
	HOLDS(compare_times(fstat_of(fd).st_mtim, before.st_mtim) > 0);
}

CASE("a mapping past 4 GiB in the file")
{
	int fd = open_new("file", O_RDWR);
	off_t far = 5LL << 30;
	char *memory, byte;

	OK(ftruncate(fd, far + PAGE));
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, far);
	HOLDS(memory != MAP_FAILED);
	memory[3] = 'f';
	OK(msync(memory, PAGE, MS_SYNC));
	IS(1, pread(fd, &byte, 1, far + 3));
	IS('f', byte);
}
