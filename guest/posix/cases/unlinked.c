/* Files and directories without a name that are still in use. */
#include "posix-cases.h"

CASE("a removed file keeps its content for its descriptors, and has no links")
{
	int fd;

	write_file("file", "text");
	fd = OK(open("file", O_RDWR));
	OK(unlink("file"));
	HOLDS(!exists("file"));
	IS(0, fstat_of(fd).st_nlink);
	IS(4, fstat_of(fd).st_size);
	TEXT_IS("text", text_of(fd));
	IS(5, pwrite(fd, "other", 5, 4));
	TEXT_IS("textother", text_of(fd));
	OK(ftruncate(fd, 5));
	TEXT_IS("texto", text_of(fd));
	OK(fsync(fd));
}

CASE("a removed file is opened again by /proc/self/fd")
{
	char path[32];
	int fd, again;

	write_file("file", "text");
	fd = OK(open("file", O_RDONLY));
	OK(unlink("file"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = OK(open(path, O_RDWR));
	IS(4, pwrite(again, "TEXT", 4, 0));
	TEXT_IS("TEXT", text_of(fd));
}

CASE("a new file of a removed one's name is another file")
{
	int old, new;
	struct stat before;

	write_file("file", "old");
	old = OK(open("file", O_RDWR));
	before = fstat_of(old);
	OK(unlink("file"));
	new = open_new("file", O_RDWR | O_EXCL);
	HOLDS(fstat_of(new).st_ino != before.st_ino);
	IS(0, fstat_of(new).st_size);
	IS(3, write(new, "new", 3));
	IS(3, pwrite(old, "OLD", 3, 0));
	FILE_IS("new", "file");
	TEXT_IS("OLD", text_of(old));
	IS(before.st_ino, fstat_of(old).st_ino);
}

CASE("three generations of one name, all open")
{
	int fds[3];

	for (int i = 0; i < 3; i++) {
		fds[i] = open_new("file", O_RDWR | O_EXCL);
		IS(1, write(fds[i], (char[]){ 'a' + i }, 1));
		OK(unlink("file"));
	}
	TEXT_IS("a", text_of(fds[0]));
	TEXT_IS("b", text_of(fds[1]));
	TEXT_IS("c", text_of(fds[2]));
	HOLDS(fstat_of(fds[0]).st_ino != fstat_of(fds[1]).st_ino);
}

CASE("a removed file's other attributes can be changed and read")
{
	int fd = open_new("file", O_RDWR);

	OK(unlink("file"));
	OK(fchmod(fd, 0604));
	OK(fchown(fd, ALICE, BOB));
	IS(S_IFREG | 0604, fstat_of(fd).st_mode);
	IS(ALICE, fstat_of(fd).st_uid);
	IS(BOB, fstat_of(fd).st_gid);
}

CASE("nothing is created in a removed directory: ENOENT")
{
	int fd;

	OK(mkdir("d", 0777));
	fd = OK(open("d", O_RDONLY | O_DIRECTORY));
	OK(rmdir("d"));
	FAILS(ENOENT, openat(fd, "file", O_CREAT | O_WRONLY, 0666));
	FAILS(ENOENT, mkdirat(fd, "sub", 0777));
	FAILS(ENOENT, symlinkat("x", fd, "link"));
	FAILS(ENOENT, openat(fd, "missing", O_RDONLY));
	IS(0, fstat_of(fd).st_nlink);
	HOLDS(S_ISDIR(fstat_of(fd).st_mode));
}

CASE("a removed working directory has no path")
{
	char path[PATH_MAX];

	OK(mkdir("d", 0777));
	OK(chdir("d"));
	OK(rmdir("../d"));
	HOLDS(getcwd(path, sizeof(path)) == NULL);
	IS(ENOENT, errno);
	FAILS(ENOENT, open("file", O_CREAT | O_WRONLY, 0666));
	OK(chdir(".."));
}

CASE("a directory replaced by a rename is removed: ENOENT for creating in it")
{
	int fd;

	OK(mkdir("a", 0777));
	OK(mkdir("b", 0777));
	fd = OK(open("b", O_RDONLY | O_DIRECTORY));
	OK(rename("a", "b"));
	FAILS(ENOENT, openat(fd, "file", O_CREAT | O_WRONLY, 0666));
	IS(0, fstat_of(fd).st_nlink);
	write_file("b/file", "");
}

CASE("a new directory of a removed one's name is empty and another")
{
	ino_t before;
	int fd;

	OK(mkdir("d", 0777));
	write_file("d/file", "");
	before = lstat_of("d").st_ino;
	fd = OK(open("d", O_RDONLY | O_DIRECTORY));
	OK(unlink("d/file"));
	OK(rmdir("d"));
	OK(mkdir("d", 0777));
	IS(0, count_entries("d"));
	HOLDS(lstat_of("d").st_ino != before);
	IS(before, fstat_of(fd).st_ino);
}

CASE("unlink of a directory is EISDIR, rmdir of a file ENOTDIR")
{
	write_file("file", "");
	OK(mkdir("d", 0777));
	FAILS(EISDIR, unlink("d"));
	FAILS(ENOTDIR, rmdir("file"));
	FAILS(ENOENT, unlink("missing"));
	FAILS(ENOENT, rmdir("missing"));
	FAILS(ENOTDIR, unlink("file/"));
}
