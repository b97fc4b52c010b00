/* LOOKUP: what a name leads to, and what the kernel may remember of a name that was not there. */
#include "posix-cases.h"

CASE("a name that is not there is ENOENT, until another process creates it")
{
	FAILS(ENOENT, open("file", O_RDONLY));
	FAILS(ENOENT, access("file", F_OK));
	IN_CHILD {
		write_file("file", "there");
	}
	FILE_IS("there", "file");
}

CASE("a name that was not there is there after a rename, a link, a mkdir, a symlink, a mknod")
{
	static const char *const names[] = { "renamed", "linked", "directory", "symlink", "fifo", "moved-directory" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		HOLDS(!exists(names[i]));
	write_file("one", "1");
	write_file("two", "2");
	OK(mkdir("three", 0777));
	OK(rename("one", "renamed"));
	OK(mkdir("directory", 0777));
	OK(symlink("renamed", "symlink"));
	OK(mkfifo("fifo", 0666));
	OK(rename("three", "moved-directory"));
	OK(link("two", "linked"));
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		HOLDS(exists(names[i]));
}

CASE("a name that was removed or renamed away is ENOENT")
{
	write_file("a", "");
	write_file("b", "");
	OK(mkdir("c", 0777));
	HOLDS(exists("a") && exists("b") && exists("c"));
	OK(unlink("a"));
	OK(rename("b", "d"));
	OK(rmdir("c"));
	HOLDS(!exists("a") && !exists("b") && !exists("c") && exists("d"));
}

CASE("a name below a directory that was renamed is found under the new path only")
{
	OK(mkdir("old", 0777));
	write_file("old/file", "text");
	HOLDS(!exists("new"));
	OK(rename("old", "new"));
	FILE_IS("text", "new/file");
	FAILS(ENOENT, access("old/file", F_OK));
}

CASE("a component that is a file is ENOTDIR")
{
	write_file("file", "");
	FAILS(ENOTDIR, open("file/below", O_RDONLY));
	FAILS(ENOTDIR, open("file/below", O_WRONLY | O_CREAT, 0666));
	FAILS(ENOTDIR, mkdir("file/below", 0777));
	FAILS(ENOTDIR, unlink("file/below"));
	FAILS(ENOTDIR, access("file/", F_OK));
	FAILS(ENOTDIR, access("file/.", F_OK));
}

CASE("a component that is a fifo or a symbolic link to a file is ENOTDIR")
{
	write_file("file", "");
	OK(mkfifo("fifo", 0666));
	OK(symlink("file", "link"));
	FAILS(ENOTDIR, access("fifo/below", F_OK));
	FAILS(ENOTDIR, access("link/below", F_OK));
}

CASE("a missing component is ENOENT, also for creating")
{
	FAILS(ENOENT, open("missing/file", O_WRONLY | O_CREAT, 0666));
	FAILS(ENOENT, mkdir("missing/directory", 0777));
	FAILS(ENOENT, rename("missing/a", "b"));
	FAILS(ENOENT, access("", F_OK));
}

CASE("a name of 255 bytes is fine in every call, one of 256 is ENAMETOOLONG")
{
	char fits[256], long_name[257];

	memset(fits, 'n', 255);
	fits[255] = 0;
	memset(long_name, 'n', 256);
	long_name[256] = 0;

	write_file(fits, "fits");
	FILE_IS("fits", fits);
	OK(unlink(fits));
	OK(mkdir(fits, 0777));
	OK(rmdir(fits));
	OK(symlink("target", fits));
	OK(unlink(fits));

	write_file("file", "");
	FAILS(ENAMETOOLONG, access(long_name, F_OK));
	FAILS(ENAMETOOLONG, open(long_name, O_RDONLY));
	FAILS(ENAMETOOLONG, open(long_name, O_WRONLY | O_CREAT, 0666));
	FAILS(ENAMETOOLONG, mkdir(long_name, 0777));
	FAILS(ENAMETOOLONG, symlink("target", long_name));
	FAILS(ENAMETOOLONG, mkfifo(long_name, 0666));
	FAILS(ENAMETOOLONG, link("file", long_name));
	FAILS(ENAMETOOLONG, rename("file", long_name));
	FAILS(ENAMETOOLONG, unlink(long_name));
	FAILS(ENAMETOOLONG, rmdir(long_name));
}

CASE("a path of PATH_MAX bytes is ENAMETOOLONG, one byte less is fine")
{
	char path[PATH_MAX + 1];

	write_file("f", "");
	for (int i = 0; i < PATH_MAX; i += 2)
		memcpy(path + i, "./", 2);
	path[PATH_MAX] = 0;
	FAILS(ENAMETOOLONG, access(path, F_OK));
	strcpy(path + PATH_MAX - 2, "f");
	OK(access(path, F_OK));
}

CASE("symbolic links that lead to each other are ELOOP")
{
	OK(symlink("b", "a"));
	OK(symlink("a", "b"));
	OK(symlink("self", "self"));
	FAILS(ELOOP, open("a", O_RDONLY));
	FAILS(ELOOP, access("self", F_OK));
	FAILS(ELOOP, access("self/below", F_OK));
	OK(unlink("self"));
}

CASE("a chain of 40 symbolic links is followed, one of 41 is ELOOP")
{
	char from[16], to[16];

	write_file("link0", "end");
	for (int i = 1; i <= 41; i++) {
		snprintf(to, sizeof(to), "link%d", i - 1);
		snprintf(from, sizeof(from), "link%d", i);
		OK(symlink(to, from));
	}
	FILE_IS("end", "link40");
	FAILS(ELOOP, open("link41", O_RDONLY));
}

CASE("the dot entries lead to the directory and its parent")
{
	struct stat here = lstat_of("."), below;

	OK(mkdir("a", 0777));
	OK(mkdir("a/b", 0777));
	below = lstat_of("a");
	IS(here.st_ino, lstat_of("a/..").st_ino);
	IS(here.st_ino, lstat_of("a/b/../..").st_ino);
	IS(below.st_ino, lstat_of("a/.").st_ino);
	IS(below.st_ino, lstat_of("a/b/..").st_ino);
}

CASE("the dot entries cannot be made or removed")
{
	OK(mkdir("a", 0777));
	FAILS(EEXIST, mkdir(".", 0777));
	FAILS(EEXIST, mkdir("a/..", 0777));
	FAILS(EINVAL, rmdir("a/."));
	FAILS(ENOTEMPTY, rmdir("a/.."));
	FAILS(EBUSY, rename("a/.", "b"));
}
