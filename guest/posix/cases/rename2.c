/* RENAME2: renameat2(2) with flags. */
#include "posix-cases.h"

static int rename2(const char *from, const char *to, unsigned flags)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
}

CASE("RENAME_NOREPLACE moves to a free name, and is EEXIST for one that is taken")
{
	write_file("a", "a");
	write_file("b", "b");
	OK(mkdir("d", 0777));
	FAILS(EEXIST, rename2("a", "b", RENAME_NOREPLACE));
	FAILS(EEXIST, rename2("a", "d", RENAME_NOREPLACE));
	FAILS(EEXIST, rename2("a", "a", RENAME_NOREPLACE));
	FILE_IS("a", "a");
	FILE_IS("b", "b");
	OK(rename2("a", "c", RENAME_NOREPLACE));
	FILE_IS("a", "c");
	HOLDS(!exists("a"));
}

CASE("RENAME_EXCHANGE swaps two files")
{
	struct stat a, b;

	write_file("a", "a");
	write_file("b", "b");
	a = lstat_of("a");
	b = lstat_of("b");
	OK(rename2("a", "b", RENAME_EXCHANGE));
	FILE_IS("b", "a");
	FILE_IS("a", "b");
	IS(a.st_ino, lstat_of("b").st_ino);
	IS(b.st_ino, lstat_of("a").st_ino);
}

CASE("RENAME_EXCHANGE swaps two directories with what is in them")
{
	OK(mkdir("a", 0777));
	OK(mkdir("b", 0777));
	write_file("a/in-a", "a");
	write_file("b/in-b", "b");
	OK(rename2("a", "b", RENAME_EXCHANGE));
	FILE_IS("b", "a/in-b");
	FILE_IS("a", "b/in-a");
	FAILS(ENOENT, access("a/in-a", F_OK));
}

CASE("RENAME_EXCHANGE swaps a file and a directory")
{
	write_file("a", "text");
	OK(mkdir("b", 0777));
	write_file("b/file", "in b");
	OK(rename2("a", "b", RENAME_EXCHANGE));
	FILE_IS("text", "b");
	FILE_IS("in b", "a/file");
}

CASE("RENAME_EXCHANGE across directories: link counts and \"..\" follow")
{
	OK(mkdir("x", 0777));
	OK(mkdir("y", 0777));
	OK(mkdir("x/d", 0777));
	write_file("x/d/file", "in d");
	write_file("y/f", "f");
	OK(rename2("x/d", "y/f", RENAME_EXCHANGE));
	FILE_IS("f", "x/d");
	FILE_IS("in d", "y/f/file");
	IS(2, lstat_of("x").st_nlink);
	IS(3, lstat_of("y").st_nlink);
	IS(lstat_of("y").st_ino, lstat_of("y/f/..").st_ino);
}

CASE("RENAME_EXCHANGE with open files: each is written at its new place")
{
	int a = open_new("a", O_RDWR), b = open_new("b", O_RDWR);

	IS(1, write(a, "a", 1));
	IS(1, write(b, "b", 1));
	OK(rename2("a", "b", RENAME_EXCHANGE));
	IS(1, write(a, "A", 1));
	IS(1, write(b, "B", 1));
	OK(close(a));
	OK(close(b));
	FILE_IS("bB", "a");
	FILE_IS("aA", "b");
}

CASE("RENAME_EXCHANGE with a missing name is ENOENT, with one's own child EINVAL")
{
	write_file("a", "");
	OK(mkdir("d", 0777));
	OK(mkdir("d/e", 0777));
	FAILS(ENOENT, rename2("a", "missing", RENAME_EXCHANGE));
	FAILS(ENOENT, rename2("missing", "a", RENAME_EXCHANGE));
	FAILS(EINVAL, rename2("d", "d/e", RENAME_EXCHANGE));
	FAILS(EINVAL, rename2("d/e", "d", RENAME_EXCHANGE));
}

CASE("RENAME_EXCHANGE of two names of one file, and of a symbolic link")
{
	write_file("a", "text");
	OK(link("a", "b"));
	OK(rename2("a", "b", RENAME_EXCHANGE));
	IS(2, lstat_of("a").st_nlink);
	OK(symlink("b", "link"));
	OK(rename2("a", "link", RENAME_EXCHANGE));
	HOLDS(S_ISLNK(lstat_of("a").st_mode));
	HOLDS(S_ISREG(lstat_of("link").st_mode));
	FILE_IS("text", "a");
}

CASE("RENAME_WHITEOUT leaves a character device 0/0")
{
	struct stat stat;

	write_file("a", "text");
	OK(rename2("a", "b", RENAME_WHITEOUT));
	FILE_IS("text", "b");
	stat = lstat_of("a");
	HOLDS(S_ISCHR(stat.st_mode));
	IS(0, stat.st_rdev);
	write_file("c", "new");
	OK(rename2("c", "b", RENAME_WHITEOUT));
	FILE_IS("new", "b");
	HOLDS(S_ISCHR(lstat_of("c").st_mode));
}

CASE("RENAME_WHITEOUT with RENAME_NOREPLACE")
{
	write_file("a", "text");
	write_file("b", "");
	FAILS(EEXIST, rename2("a", "b", RENAME_WHITEOUT | RENAME_NOREPLACE));
	OK(rename2("a", "c", RENAME_WHITEOUT | RENAME_NOREPLACE));
	HOLDS(S_ISCHR(lstat_of("a").st_mode));
	FILE_IS("text", "c");
}

CASE("combinations that make no sense, and unknown flags, are EINVAL")
{
	write_file("a", "");
	write_file("b", "");
	FAILS(EINVAL, rename2("a", "b", RENAME_EXCHANGE | RENAME_NOREPLACE));
	FAILS(EINVAL, rename2("a", "b", RENAME_EXCHANGE | RENAME_WHITEOUT));
	FAILS(EINVAL, rename2("a", "b", 1 << 5));
	OK(rename2("a", "b", 0));
}
