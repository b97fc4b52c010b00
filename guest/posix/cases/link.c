/* LINK: several names of one file. */
#include "posix-cases.h"
#include <sys/sysmacros.h>

static ino_t listed_number(const char *directory, const char *name)
{
	DIR *stream = opendir(directory);
	ino_t number = 0;

	HOLDS(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		if (!strcmp(entry->d_name, name))
			number = entry->d_ino;
	closedir(stream);
	return number;
}

CASE("nlink goes up with link and down with unlink")
{
	int fd = open_new("a", O_RDONLY);

	IS(1, lstat_of("a").st_nlink);
	OK(link("a", "b"));
	IS(2, lstat_of("a").st_nlink);
	IS(2, lstat_of("b").st_nlink);
	OK(link("b", "c"));
	IS(3, lstat_of("a").st_nlink);
	OK(unlink("a"));
	IS(2, lstat_of("b").st_nlink);
	OK(unlink("b"));
	IS(1, lstat_of("c").st_nlink);
	OK(unlink("c"));
	IS(0, fstat_of(fd).st_nlink);
}

CASE("both names have one inode number, in stat and in readdir")
{
	write_file("a", "");
	OK(mkdir("d", 0777));
	OK(link("a", "d/b"));
	IS(lstat_of("a").st_ino, lstat_of("d/b").st_ino);
	IS(lstat_of("a").st_ino, listed_number(".", "a"));
	IS(lstat_of("a").st_ino, listed_number("d", "b"));
}

CASE("content is one, whichever name it is written by")
{
	write_file("a", "first");
	OK(link("a", "b"));
	FILE_IS("first", "b");
	write_file("b", "second, longer");
	FILE_IS("second, longer", "a");
	OK(truncate("a", 6));
	FILE_IS("second", "b");
	IS(6, lstat_of("b").st_size);
}

CASE("attributes are one")
{
	write_file("a", "");
	OK(link("a", "b"));
	OK(chmod("a", 0604));
	OK(chown("b", ALICE, BOB));
	OK(utimensat(AT_FDCWD, "a", (struct timespec[]){ { 5, 6 }, { 7, 8 } }, 0));
	IS(S_IFREG | 0604, lstat_of("b").st_mode);
	IS(ALICE, lstat_of("a").st_uid);
	IS(7, lstat_of("b").st_mtim.tv_sec);
}

CASE("the content survives the first name, and the first name is free again")
{
	write_file("a", "kept");
	OK(link("a", "b"));
	OK(unlink("a"));
	FILE_IS("kept", "b");
	HOLDS(!exists("a"));
	write_file("a", "another");
	HOLDS(lstat_of("a").st_ino != lstat_of("b").st_ino);
	FILE_IS("kept", "b");
}

CASE("an open descriptor sees what is written by another name, and survives all names")
{
	int fd;

	write_file("a", "text");
	fd = OK(open("a", O_RDWR));
	OK(link("a", "b"));
	OK(unlink("a"));
	write_file("b", "more");
	TEXT_IS("more", text_of(fd));
	OK(unlink("b"));
	IS(5, pwrite(fd, "still", 5, 0));
	TEXT_IS("still", text_of(fd));
}

CASE("a fifo, a device and a symbolic link have links too")
{
	struct stat stat;
	char target[8];

	OK(mkfifo("fifo", 0640));
	OK(link("fifo", "fifo-link"));
	stat = lstat_of("fifo-link");
	HOLDS(S_ISFIFO(stat.st_mode));
	IS(2, stat.st_nlink);

	OK(mknod("device", S_IFCHR | 0600, makedev(1, 7)));
	OK(link("device", "device-link"));
	stat = lstat_of("device-link");
	HOLDS(S_ISCHR(stat.st_mode));
	IS(makedev(1, 7), stat.st_rdev);
	IS(2, stat.st_nlink);

	OK(symlink("target", "symlink"));
	OK(link("symlink", "symlink-link"));
	IS(lstat_of("symlink").st_ino, lstat_of("symlink-link").st_ino);
	IS(2, lstat_of("symlink").st_nlink);
	IS(6, readlink("symlink-link", target, sizeof(target)));
}

CASE("linkat with AT_SYMLINK_FOLLOW links the target")
{
	write_file("file", "");
	OK(symlink("file", "symlink"));
	OK(linkat(AT_FDCWD, "symlink", AT_FDCWD, "link", AT_SYMLINK_FOLLOW));
	IS(lstat_of("file").st_ino, lstat_of("link").st_ino);
}

CASE("a link of a directory is EPERM")
{
	OK(mkdir("d", 0777));
	FAILS(EPERM, link("d", "e"));
	HOLDS(!exists("e"));
}

CASE("a link to a name that is taken is EEXIST, of a missing one ENOENT")
{
	write_file("a", "a");
	write_file("b", "b");
	OK(mkdir("d", 0777));
	FAILS(EEXIST, link("a", "b"));
	FAILS(EEXIST, link("a", "d"));
	FAILS(EEXIST, link("a", "a"));
	FAILS(ENOENT, link("missing", "c"));
	FAILS(ENOENT, link("a", "missing/c"));
	IS(1, lstat_of("a").st_nlink);
	FILE_IS("b", "b");
}

CASE("rename of one link over another of the same file does nothing: both stay")
{
	write_file("a", "text");
	OK(link("a", "b"));
	OK(rename("a", "b"));
	HOLDS(exists("a"));
	HOLDS(exists("b"));
	IS(2, lstat_of("a").st_nlink);
	FILE_IS("text", "a");
}

CASE("rename of one link leaves the other")
{
	write_file("a", "text");
	OK(link("a", "b"));
	OK(mkdir("d", 0777));
	OK(rename("a", "d/c"));
	IS(2, lstat_of("d/c").st_nlink);
	IS(lstat_of("b").st_ino, lstat_of("d/c").st_ino);
	write_file("b", "new");
	FILE_IS("new", "d/c");
}

CASE("rename over one link leaves the other, with one link less")
{
	write_file("a", "old");
	OK(link("a", "b"));
	write_file("c", "new");
	OK(rename("c", "a"));
	FILE_IS("new", "a");
	FILE_IS("old", "b");
	IS(1, lstat_of("b").st_nlink);
}

CASE("a link made in a directory that is renamed and removed")
{
	write_file("a", "text");
	OK(mkdir("d", 0777));
	OK(link("a", "d/b"));
	OK(rename("d", "e"));
	IS(2, lstat_of("a").st_nlink);
	FILE_IS("text", "e/b");
	OK(unlink("a"));
	FILE_IS("text", "e/b");
	OK(unlink("e/b"));
	OK(rmdir("e"));
}

CASE("a removed file that is still open has no links to be made")
{
	int fd = open_new("a", O_RDWR);

	OK(unlink("a"));
	FAILS(ENOENT, linkat(fd, "", AT_FDCWD, "b", AT_EMPTY_PATH));
}

CASE("linkat with AT_EMPTY_PATH links what a descriptor is open on")
{
	int fd;

	write_file("a", "text");
	fd = OK(open("a", O_RDONLY));
	OK(linkat(fd, "", AT_FDCWD, "b", AT_EMPTY_PATH));
	IS(2, fstat_of(fd).st_nlink);
	FILE_IS("text", "b");
}

CASE("a hundred links of one file, all counted and all removed")
{
	char name[8] = "l00";

	write_file("file", "text");
	for (int i = 0; i < 100; i++) {
		name[1] = '0' + i / 10;
		name[2] = '0' + i % 10;
		OK(link("file", name));
	}
	IS(101, lstat_of("file").st_nlink);
	FILE_IS("text", "l99");
	for (int i = 0; i < 100; i++) {
		name[1] = '0' + i / 10;
		name[2] = '0' + i % 10;
		OK(unlink(name));
	}
	IS(1, lstat_of("file").st_nlink);
}
