/* FORGET: what the kernel knew and asks for again is the same as before. */
#include "posix-cases.h"
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* Everything that stat tells, but for the time of access. */
static void same_stat(struct place place, const char *name, struct stat before)
{
	struct stat after = lstat_of(name);

	is(place, "st_ino", before.st_ino, after.st_ino);
	is(place, "st_mode", before.st_mode, after.st_mode);
	is(place, "st_nlink", before.st_nlink, after.st_nlink);
	is(place, "st_uid", before.st_uid, after.st_uid);
	is(place, "st_gid", before.st_gid, after.st_gid);
	is(place, "st_rdev", before.st_rdev, after.st_rdev);
	is(place, "st_size", before.st_size, after.st_size);
	is(place, "st_mtim.tv_sec", before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	is(place, "st_mtim.tv_nsec", before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	is(place, "st_ctim.tv_sec", before.st_ctim.tv_sec, after.st_ctim.tv_sec);
	is(place, "st_ctim.tv_nsec", before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}

/* `name` is the same after the kernel has forgotten it. */
static void survives(struct place place, const char *name)
{
	struct stat before = lstat_of(name);

	drop_caches();
	same_stat(place, name, before);
}

CASE("a file keeps its content and all attributes, also its inode number")
{
	write_file("file", "some text");
	OK(chown("file", 12345, 67890));
	OK(chmod("file", 04751));
	OK(utimensat(AT_FDCWD, "file", (struct timespec[]){ { 1, 2 }, { 1234567890, 123456789 } }, 0));
	survives(HERE, "file");
	FILE_IS("some text", "file");
}

CASE("a directory keeps its entries, attributes and inode number")
{
	OK(mkdir("d", 0777));
	OK(mkdir("d/sub", 0700));
	write_file("d/file", "text");
	OK(chmod("d", 01770));
	OK(chown("d", ALICE, BOB));
	survives(HERE, "d");
	IS(2, count_entries("d"));
	FILE_IS("text", "d/file");
	IS(S_IFDIR | 0700, lstat_of("d/sub").st_mode);
}

CASE("symbolic links, fifos, sockets and devices")
{
	char target[16];

	OK(symlink("the target", "link"));
	OK(mkfifo("fifo", 0640));
	OK(mknod("socket", S_IFSOCK | 0600, 0));
	OK(mknod("device", S_IFBLK | 0600, makedev(8, 17)));
	survives(HERE, "link");
	survives(HERE, "fifo");
	survives(HERE, "socket");
	survives(HERE, "device");
	IS(10, readlink("link", target, sizeof(target)));
	BYTES_ARE("the target", target, 10);
}

CASE("what was renamed and replaced stays so")
{
	OK(mkdir("a", 0777));
	write_file("a/one", "1");
	write_file("a/two", "2");
	drop_caches();
	OK(rename("a/one", "a/two"));
	OK(rename("a", "b"));
	survives(HERE, "b/two");
	FILE_IS("1", "b/two");
	IS(1, count_entries("b"));
	FAILS(ENOENT, access("a", F_OK));
}

CASE("what was removed stays removed, and a new file of its name is new")
{
	write_file("file", "old");
	OK(chmod("file", 0600));
	drop_caches();
	OK(unlink("file"));
	drop_caches();
	HOLDS(!exists("file"));
	write_file("file", "new");
	IS(S_IFREG | 0644, lstat_of("file").st_mode);
	survives(HERE, "file");
	FILE_IS("new", "file");
}

CASE("an open file that was removed")
{
	int fd = open_new("file", O_RDWR);
	struct stat before;

	IS(4, write(fd, "text", 4));
	OK(unlink("file"));
	before = fstat_of(fd);
	drop_caches();
	TEXT_IS("text", text_of(fd));
	IS(before.st_ino, fstat_of(fd).st_ino);
	IS(0, fstat_of(fd).st_nlink);
	IS(4, pwrite(fd, "more", 4, 4));
	drop_caches();
	TEXT_IS("textmore", text_of(fd));
}

CASE("a working directory and an open directory that others rename")
{
	int fd;

	OK(mkdir("d", 0777));
	OK(mkdir("d/sub", 0777));
	fd = OK(open("d", O_RDONLY | O_DIRECTORY));
	OK(chdir("d/sub"));
	OK(rename("../../d", "../../e"));
	drop_caches();
	write_file("file", "text");
	FILE_IS("text", "../../e/sub/file");
	OK(fchdir(fd));
	FILE_IS("text", "sub/file");
}

CASE("hard links are still one file")
{
	write_file("a", "text");
	OK(link("a", "b"));
	survives(HERE, "a");
	IS(lstat_of("a").st_ino, lstat_of("b").st_ino);
	write_file("b", "more");
	FILE_IS("more", "a");
	OK(unlink("a"));
	survives(HERE, "b");
	IS(1, lstat_of("b").st_nlink);
}

CASE("extended attributes")
{
	char value[8];

	write_file("file", "");
	OK(setxattr("file", "user.a", "one", 3, 0));
	OK(setxattr("file", "user.b", "two", 3, 0));
	OK(removexattr("file", "user.b"));
	drop_caches();
	IS(3, OK(getxattr("file", "user.a", value, sizeof(value))));
	BYTES_ARE("one", value, 3);
	IS(7, OK(listxattr("file", NULL, 0)));
}

CASE("the time of birth")
{
	struct statx before, after;

	write_file("file", "");
	OK(statx(AT_FDCWD, "file", 0, STATX_ALL, &before));
	drop_caches();
	OK(statx(AT_FDCWD, "file", 0, STATX_ALL, &after));
	IS(before.stx_mask, after.stx_mask);
	IS(before.stx_btime.tv_sec, after.stx_btime.tv_sec);
	IS(before.stx_btime.tv_nsec, after.stx_btime.tv_nsec);
}

CASE("holes and sizes past 4 GiB")
{
	int fd = open_new("file", O_RDWR);
	char bytes[8];

	IS(3, pwrite(fd, "far", 3, 5LL << 30));
	OK(close(fd));
	survives(HERE, "file");
	fd = OK(open("file", O_RDONLY));
	IS(3, pread(fd, bytes, sizeof(bytes), 5LL << 30));
	BYTES_ARE("far", bytes, 3);
	IS(8, pread(fd, bytes, sizeof(bytes), 1LL << 30));
	ARE_ZERO(bytes, 8);
}
