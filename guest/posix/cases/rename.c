/* RENAME. */
#include "posix-cases.h"

CASE("a file moves to a new name, with its number, content and mode")
{
	struct stat before;

	write_file("a", "text");
	OK(chmod("a", 0604));
	before = lstat_of("a");
	OK(rename("a", "b"));
	HOLDS(!exists("a"));
	FILE_IS("text", "b");
	IS(before.st_ino, lstat_of("b").st_ino);
	IS(S_IFREG | 0604, lstat_of("b").st_mode);
}

CASE("a file replaces another")
{
	write_file("a", "new");
	write_file("b", "old, and longer");
	OK(rename("a", "b"));
	HOLDS(!exists("a"));
	FILE_IS("new", "b");
	IS(1, count_entries("."));
}

CASE("a file that was replaced and is open lives on without a name")
{
	int fd;

	write_file("a", "new");
	write_file("b", "old");
	fd = OK(open("b", O_RDWR));
	OK(rename("a", "b"));
	TEXT_IS("old", text_of(fd));
	IS(0, fstat_of(fd).st_nlink);
	IS(6, pwrite(fd, "alive!", 6, 0));
	TEXT_IS("alive!", text_of(fd));
	FILE_IS("new", "b");
}

CASE("a file that is open is written under its new name")
{
	int fd = open_new("a", O_RDWR);

	OK(mkdir("d", 0777));
	IS(3, write(fd, "one", 3));
	OK(rename("a", "d/b"));
	IS(3, write(fd, "two", 3));
	OK(fsync(fd));
	FILE_IS("onetwo", "d/b");
	OK(close(fd));
	FILE_IS("onetwo", "d/b");
}

CASE("a directory replaces an empty directory")
{
	OK(mkdir("a", 0777));
	write_file("a/file", "text");
	OK(mkdir("b", 0777));
	OK(rename("a", "b"));
	HOLDS(!exists("a"));
	FILE_IS("text", "b/file");
}

CASE("a directory that is not empty is not replaced: ENOTEMPTY")
{
	OK(mkdir("a", 0777));
	OK(mkdir("b", 0777));
	write_file("b/file", "");
	FAILS(ENOTEMPTY, rename("a", "b"));
	HOLDS(exists("a") && exists("b/file"));
}

CASE("a file over a directory is EISDIR, a directory over a file ENOTDIR")
{
	write_file("file", "text");
	OK(mkdir("directory", 0777));
	FAILS(EISDIR, rename("file", "directory"));
	FAILS(ENOTDIR, rename("directory", "file"));
	FILE_IS("text", "file");
	HOLDS(exists("directory"));
}

CASE("a symbolic link is renamed itself, and replaced itself")
{
	write_file("file", "text");
	OK(symlink("file", "link"));
	OK(rename("link", "moved"));
	HOLDS(S_ISLNK(lstat_of("moved").st_mode));
	FILE_IS("text", "moved");
	write_file("new", "new");
	OK(rename("new", "moved"));
	HOLDS(S_ISREG(lstat_of("moved").st_mode));
	FILE_IS("text", "file");
}

CASE("a directory into itself is EINVAL, over one it is in ENOTEMPTY")
{
	OK(mkdir("a", 0777));
	OK(mkdir("a/b", 0777));
	FAILS(EINVAL, rename("a", "a/c"));
	FAILS(EINVAL, rename("a", "a/b/c"));
	FAILS(ENOTEMPTY, rename("a/b", "a"));
	HOLDS(exists("a/b"));
}

CASE("a name to itself does nothing")
{
	write_file("a", "text");
	OK(mkdir("d", 0777));
	OK(rename("a", "a"));
	OK(rename("d", "d"));
	FILE_IS("text", "a");
	IS(2, count_entries("."));
}

CASE("a missing name is ENOENT, and what it would replace stays")
{
	write_file("b", "text");
	FAILS(ENOENT, rename("a", "b"));
	FAILS(ENOENT, rename("b", "missing/b"));
	FILE_IS("text", "b");
}

CASE("a directory moves to another: its \"..\" and both link counts follow")
{
	OK(mkdir("from", 0777));
	OK(mkdir("to", 0777));
	OK(mkdir("from/d", 0777));
	IS(3, lstat_of("from").st_nlink);
	IS(2, lstat_of("to").st_nlink);
	OK(rename("from/d", "to/d"));
	IS(2, lstat_of("from").st_nlink);
	IS(3, lstat_of("to").st_nlink);
	IS(lstat_of("to").st_ino, lstat_of("to/d/..").st_ino);
}

CASE("a directory that replaces another takes over its place in the link count")
{
	OK(mkdir("a", 0777));
	OK(mkdir("a/one", 0777));
	OK(mkdir("a/two", 0777));
	IS(4, lstat_of("a").st_nlink);
	OK(rename("a/one", "a/two"));
	IS(3, lstat_of("a").st_nlink);
}

CASE("a whole tree moves, and is written to at its new place")
{
	int fd;

	OK(mkdir("a", 0777));
	OK(mkdir("a/b", 0777));
	OK(mkdir("a/b/c", 0777));
	write_file("a/b/c/file", "one");
	fd = OK(open("a/b/c/file", O_WRONLY | O_APPEND));
	OK(mkdir("z", 0777));
	OK(rename("a/b", "z/b"));
	IS(3, write(fd, "two", 3));
	OK(close(fd));
	FILE_IS("onetwo", "z/b/c/file");
	FAILS(ENOENT, access("a/b", F_OK));
	write_file("z/b/c/new", "");
	IS(2, count_entries("z/b/c"));
}

CASE("the working directory is renamed under one's feet")
{
	char path[PATH_MAX];
	size_t length;

	OK(mkdir("a", 0777));
	OK(chdir("a"));
	OK(rename("../a", "../b"));
	write_file("file", "text");
	FILE_IS("text", "../b/file");
	HOLDS(getcwd(path, sizeof(path)) != NULL);
	length = strlen(path);
	TEXT_IS("/b", path + length - 2);
}

CASE("a chain of renames: each takes the name that the one before left")
{
	write_file("a", "1");
	write_file("b", "2");
	OK(rename("a", "c"));
	OK(rename("b", "a"));
	OK(rename("c", "b"));
	FILE_IS("2", "a");
	FILE_IS("1", "b");
	IS(2, count_entries("."));
}

CASE("write to a new file, fsync and rename over the old one, fifty times")
{
	char text[8] = "v00";

	for (int i = 0; i < 50; i++) {
		int fd = open_new("file.tmp", O_WRONLY | O_EXCL);

		text[1] = '0' + i / 10;
		text[2] = '0' + i % 10;
		IS(3, write(fd, text, 3));
		OK(fsync(fd));
		OK(close(fd));
		OK(rename("file.tmp", "file"));
		FILE_IS(text, "file");
	}
	IS(1, count_entries("."));
}

CASE("without the right to write in both directories it is EACCES")
{
	OK(mkdir("closed", 0755));
	OK(mkdir("open", 0777));
	write_file("closed/file", "");
	OK(chmod("open", 0777));
	AS_USER(ALICE) {
		write_file("open/mine", "");
		FAILS(EACCES, rename("closed/file", "open/file"));
		FAILS(EACCES, rename("open/mine", "closed/mine"));
		OK(rename("open/mine", "open/still-mine"));
	}
}
