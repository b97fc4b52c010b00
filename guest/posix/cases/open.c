/* OPEN and CREATE: flags and modes. */
#include "posix-cases.h"

CASE("O_CREAT makes a file and leaves one that is there")
{
	int fd = OK(open("file", O_CREAT | O_RDWR, 0640));

	IS(4, write(fd, "text", 4));
	OK(close(fd));
	OK(close(OK(open("file", O_CREAT | O_RDWR, 0777))));
	FILE_IS("text", "file");
	IS(S_IFREG | 0640, lstat_of("file").st_mode);
}

CASE("O_EXCL is EEXIST for a file, a directory, a symbolic link and a dangling one")
{
	write_file("file", "");
	OK(mkdir("directory", 0777));
	OK(symlink("file", "link"));
	OK(symlink("missing", "dangling"));
	FAILS(EEXIST, open("file", O_CREAT | O_EXCL | O_WRONLY, 0666));
	FAILS(EEXIST, open("directory", O_CREAT | O_EXCL | O_WRONLY, 0666));
	FAILS(EEXIST, open("link", O_CREAT | O_EXCL | O_WRONLY, 0666));
	FAILS(EEXIST, open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0666));
	HOLDS(!exists("missing"));
}

CASE("O_EXCL lets one of several processes in")
{
	pid_t children[4];
	int winners = 0;

	for (int i = 0; i < 4; i++) {
		children[i] = start_child();
		if (!children[i]) {
			int fd = open("lock", O_CREAT | O_EXCL | O_WRONLY, 0666);

			if (fd >= 0)
				write_file((char[]){ 'w', '0' + i, 0 }, "");
			else
				IS(EEXIST, errno);
			end_child(0);
		}
	}
	for (int i = 0; i < 4; i++)
		end_child(children[i]);
	for (int i = 0; i < 4; i++)
		winners += exists((char[]){ 'w', '0' + i, 0 });
	IS(1, winners);
}

CASE("O_TRUNC empties a file, for every descriptor of it")
{
	int fd;

	write_file("file", "some text");
	fd = OK(open("file", O_RDONLY));
	OK(close(OK(open("file", O_WRONLY | O_TRUNC))));
	IS(0, fstat_of(fd).st_size);
	TEXT_IS("", text_of(fd));
}

CASE("O_APPEND writes at the end, however two descriptors take turns")
{
	int a = open_new("file", O_WRONLY | O_APPEND), b = OK(open("file", O_WRONLY | O_APPEND));

	IS(3, write(a, "one", 3));
	IS(3, write(b, "two", 3));
	IS(5, write(a, "three", 5));
	OK(lseek(b, 0, SEEK_SET));
	IS(4, write(b, "four", 4));
	IS(15, OK(lseek(b, 0, SEEK_CUR)));
	FILE_IS("onetwothreefour", "file");
}

CASE("O_APPEND goes on at the end after a truncate, and pwrite appends too")
{
	int fd = open_new("file", O_WRONLY | O_APPEND);

	IS(10, write(fd, "0123456789", 10));
	OK(truncate("file", 2));
	IS(1, write(fd, "a", 1));
	IS(1, pwrite(fd, "b", 1, 0));
	FILE_IS("01ab", "file");
}

CASE("the access mode is kept: EBADF for the other direction")
{
	int reads = open_new("file", O_RDONLY), writes = OK(open("file", O_WRONLY));
	char byte;

	FAILS(EBADF, write(reads, "x", 1));
	FAILS(EBADF, read(writes, &byte, 1));
}

CASE("O_DIRECTORY is ENOTDIR for what is none, and opens what is one")
{
	write_file("file", "");
	OK(mkdir("directory", 0777));
	OK(symlink("file", "link"));
	FAILS(ENOTDIR, open("file", O_RDONLY | O_DIRECTORY));
	FAILS(ENOTDIR, open("link", O_RDONLY | O_DIRECTORY));
	OK(open("directory", O_RDONLY | O_DIRECTORY));
}

CASE("a directory is EISDIR for writing and creating, and for read")
{
	char byte;
	int fd;

	OK(mkdir("directory", 0777));
	FAILS(EISDIR, open("directory", O_WRONLY));
	FAILS(EISDIR, open("directory", O_RDWR));
	FAILS(EISDIR, open("directory", O_RDONLY | O_CREAT, 0666));
	fd = OK(open("directory", O_RDONLY));
	FAILS(EISDIR, read(fd, &byte, 1));
}

CASE("O_NOFOLLOW is ELOOP for a symbolic link, and opens a file")
{
	write_file("file", "");
	OK(symlink("file", "link"));
	FAILS(ELOOP, open("link", O_RDONLY | O_NOFOLLOW));
	FAILS(ELOOP, open("link", O_WRONLY | O_CREAT | O_NOFOLLOW, 0666));
	OK(open("file", O_RDONLY | O_NOFOLLOW));
}

CASE("O_PATH names a file without opening it")
{
	char byte, target[8];
	int fd, link;

	write_file("file", "text");
	OK(symlink("file", "link"));
	OK(chmod("file", 0));
	fd = OK(open("file", O_PATH));
	IS(4, fstat_of(fd).st_size);
	FAILS(EBADF, read(fd, &byte, 1));
	FAILS(EBADF, fchmod(fd, 0600));
	link = OK(open("link", O_PATH | O_NOFOLLOW));
	HOLDS(S_ISLNK(fstat_of(link).st_mode));
	IS(4, readlinkat(link, "", target, sizeof(target)));
}

CASE("a directory's O_PATH descriptor is a place to start from")
{
	int fd;

	OK(mkdir("d", 0777));
	fd = OK(open("d", O_PATH | O_DIRECTORY));
	OK(rename("d", "e"));
	OK(close(OK(openat(fd, "file", O_CREAT | O_WRONLY, 0666))));
	HOLDS(exists("e/file"));
}

CASE("O_SYNC and O_DSYNC write")
{
	int sync = open_new("a", O_WRONLY | O_SYNC), data = open_new("b", O_WRONLY | O_DSYNC);

	IS(4, write(sync, "text", 4));
	IS(4, write(data, "text", 4));
	FILE_IS("text", "a");
	FILE_IS("text", "b");
}

/* tmpfs takes O_DIRECT since Linux 6.6. */
CASE("O_DIRECT reads and writes past the page cache, and sees what goes through it")
{
	static unsigned char bytes[8192] __attribute__((aligned(4096))), got[8192] __attribute__((aligned(4096)));
	int direct = open_new("file", O_RDWR | O_DIRECT), cached = OK(open("file", O_RDWR));

	pattern(bytes, sizeof(bytes), 0);
	IS(8192, pwrite(direct, bytes, 8192, 0));
	IS(8192, pread(cached, got, 8192, 0));
	BYTES_ARE(bytes, got, 8192);
	memset(bytes, 'c', 4096);
	IS(4096, pwrite(cached, bytes, 4096, 4096));
	IS(4096, pread(direct, got, 4096, 4096));
	BYTES_ARE(bytes, got, 4096);
	memset(bytes, 'd', 4096);
	IS(4096, pwrite(direct, bytes, 4096, 0));
	IS(4096, pread(cached, got, 4096, 0));
	BYTES_ARE(bytes, got, 4096);
	IS(8192, fstat_of(cached).st_size);
	IS(0, pread(direct, got, 4096, 8192));
}

CASE("a file created with mode 0444 or 0 is written through its descriptor")
{
	int read_only = OK(open("a", O_CREAT | O_WRONLY, 0444)), closed = OK(open("b", O_CREAT | O_RDWR, 0));

	IS(4, write(read_only, "text", 4));
	IS(4, write(closed, "text", 4));
	OK(fsync(closed));
	TEXT_IS("text", text_of(closed));
	IS(S_IFREG | 0444, lstat_of("a").st_mode);
	IS(S_IFREG, lstat_of("b").st_mode);
	FILE_IS("text", "a");
}

CASE("the same for a user who could not open it again")
{
	OK(chmod(".", 0777));
	AS_USER(ALICE) {
		int fd = OK(open("a", O_CREAT | O_RDWR | O_EXCL, 0));

		IS(4, write(fd, "text", 4));
		TEXT_IS("text", text_of(fd));
		OK(ftruncate(fd, 2));
		FAILS(EACCES, open("a", O_RDONLY));
	}
	FILE_IS("te", "a");
}

CASE("a directory made with mode 0")
{
	OK(mkdir("d", 0));
	IS(S_IFDIR, lstat_of("d").st_mode);
	write_file("d/file", "root may");
	AS_USER(ALICE) {
		FAILS(EACCES, open("d", O_RDONLY));
		FAILS(EACCES, access("d/file", F_OK));
	}
}

CASE("the umask is taken off")
{
	umask(027);
	OK(close(OK(open("file", O_CREAT | O_WRONLY, 0777))));
	OK(mkdir("directory", 01777));
	OK(mkfifo("fifo", 0666));
	IS(S_IFREG | 0750, lstat_of("file").st_mode);
	IS(S_IFDIR | 01750, lstat_of("directory").st_mode);
	IS(S_IFIFO | 0640, lstat_of("fifo").st_mode);
	umask(0);
	OK(close(OK(open("all", O_CREAT | O_WRONLY, 07777))));
	IS(S_IFREG | 07777, lstat_of("all").st_mode);
}

CASE("500 files are open at once")
{
	int fds[500];
	char name[8];

	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fds[i] = open_new(name, O_RDWR);
		IS(strlen(name), write(fds[i], name, strlen(name)));
	}
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		TEXT_IS(name, text_of(fds[i]));
		OK(close(fds[i]));
	}
	FILE_IS("f499", "f499");
}

CASE("one file is open 200 times, each with a place of its own")
{
	int fds[200];
	char byte;

	write_file("file", "ab");
	for (int i = 0; i < 200; i++)
		fds[i] = OK(open("file", O_RDONLY));
	for (int i = 0; i < 200; i++) {
		IS(1, read(fds[i], &byte, 1));
		IS('a', byte);
	}
}
