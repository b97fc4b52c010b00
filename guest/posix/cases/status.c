/* STATX, STATFS, and the calls that save: FSYNC, FSYNCDIR, SYNCFS. */
#include "posix-cases.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

enum { FUSE_SUPER_MAGIC = 0x65735546 };

static struct statx statx_of(const char *name, unsigned mask)
{
	struct statx statx_;

	OK(statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, mask, &statx_));
	return statx_;
}

static int same_time(struct statx_timestamp a, struct statx_timestamp b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

CASE("statx gives all the basic fields, the same as stat")
{
	struct statx extended;
	struct stat stat;

	write_file("file", "text");
	OK(link("file", "other"));
	extended = statx_of("file", STATX_BASIC_STATS);
	stat = lstat_of("file");
	IS(STATX_BASIC_STATS, extended.stx_mask & STATX_BASIC_STATS);
	IS(stat.st_ino, extended.stx_ino);
	IS(stat.st_mode, extended.stx_mode);
	IS(stat.st_nlink, extended.stx_nlink);
	IS(stat.st_size, extended.stx_size);
	IS(stat.st_blocks, extended.stx_blocks);
	IS(stat.st_uid, extended.stx_uid);
	IS(stat.st_mtim.tv_sec, extended.stx_mtime.tv_sec);
	IS(stat.st_mtim.tv_nsec, extended.stx_mtime.tv_nsec);
	IS(stat.st_ctim.tv_nsec, extended.stx_ctime.tv_nsec);
	IS(stat.st_dev, makedev(extended.stx_dev_major, extended.stx_dev_minor));
}

CASE("statx gives all the basic fields without links")
{
	struct statx extended;

	write_file("file", "text");
	OK(chown("file", 3, 4));
	extended = statx_of("file", STATX_BASIC_STATS);
	IS(STATX_BASIC_STATS, extended.stx_mask & STATX_BASIC_STATS);
	IS(S_IFREG | 0644, extended.stx_mode);
	IS(1, extended.stx_nlink);
	IS(4, extended.stx_size);
	IS(3, extended.stx_uid);
	IS(4, extended.stx_gid);
	HOLDS(extended.stx_blksize >= 512);
}

CASE("all kinds of files have a time of birth, or none has")
{
	static const char *const names[] = { "file", "directory", "link", "fifo" };
	unsigned has;

	write_file("file", "");
	OK(mkdir("directory", 0777));
	OK(symlink("file", "link"));
	OK(mkfifo("fifo", 0666));
	has = statx_of("file", STATX_BTIME).stx_mask & STATX_BTIME;
	for (int i = 0; i < 4; i++)
		IS(has, statx_of(names[i], STATX_ALL).stx_mask & STATX_BTIME);
}

CASE("the time of birth stays when a file is written, changed, linked and renamed")
{
	struct statx before, after;
	struct stat stat;

	write_file("file", "text");
	stat = lstat_of("file");
	before = statx_of("file", STATX_ALL);
	let_time_pass();
	write_file("file", "more");
	OK(chmod("file", 0600));
	OK(utimensat(AT_FDCWD, "file", (struct timespec[]){ { 1, 1 }, { 1, 1 } }, 0));
	OK(rename("file", "other"));
	after = statx_of("other", STATX_ALL);
	IS(before.stx_mask & STATX_BTIME, after.stx_mask & STATX_BTIME);
	if (after.stx_mask & STATX_BTIME) {
		HOLDS(same_time(before.stx_btime, after.stx_btime));
		HOLDS(after.stx_btime.tv_sec <= stat.st_ctim.tv_sec);
		HOLDS(after.stx_btime.tv_sec > stat.st_ctim.tv_sec - 600);
	}
}

CASE("a new file of a removed one's name is born anew")
{
	struct statx before, after;

	write_file("file", "");
	before = statx_of("file", STATX_ALL);
	let_time_pass();
	OK(unlink("file"));
	write_file("file", "");
	after = statx_of("file", STATX_ALL);
	IS(before.stx_mask & STATX_BTIME, after.stx_mask & STATX_BTIME);
	if (after.stx_mask & STATX_BTIME)
		HOLDS(!same_time(before.stx_btime, after.stx_btime));
}

CASE("statx of a descriptor, also of a removed file")
{
	struct statx extended;
	int fd = open_new("file", O_RDWR);

	IS(4, write(fd, "text", 4));
	OK(unlink("file"));
	OK(statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &extended));
	IS(0, extended.stx_nlink);
	IS(4, extended.stx_size);
	IS(fstat_of(fd).st_ino, extended.stx_ino);
}

CASE("statx follows a symbolic link unless told not to, and AT_STATX_FORCE_SYNC works")
{
	struct statx extended;

	write_file("file", "text");
	OK(symlink("file", "link"));
	OK(statx(AT_FDCWD, "link", AT_STATX_FORCE_SYNC, STATX_ALL, &extended));
	HOLDS(S_ISREG(extended.stx_mode));
	IS(4, extended.stx_size);
	OK(statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, STATX_ALL, &extended));
	HOLDS(S_ISLNK(extended.stx_mode));
	FAILS(ENOENT, statx(AT_FDCWD, "missing", 0, STATX_ALL, &extended));
}

CASE("statfs: blocks, names of 255 bytes, and the type of FUSE where it is FUSE")
{
	struct statfs space;
	struct statvfs more;

	OK(statfs(".", &space));
	HOLDS(space.f_blocks > 0);
	HOLDS(space.f_bfree <= space.f_blocks);
	HOLDS(space.f_bavail <= space.f_bfree);
	HOLDS(space.f_bavail > 0);
	HOLDS(space.f_bsize >= 512);
	IS(255, space.f_namelen);
	if (on_fuse())
		IS(FUSE_SUPER_MAGIC, space.f_type);
	OK(statvfs(".", &more));
	IS(255, more.f_namemax);
	HOLDS(more.f_frsize > 0);
}

CASE("fsync and fdatasync, of files open for reading and for writing")
{
	int writes = open_new("file", O_WRONLY), reads = OK(open("file", O_RDONLY));

	IS(4, write(writes, "text", 4));
	OK(fdatasync(writes));
	OK(fsync(writes));
	OK(fsync(reads));
	FILE_IS("text", "file");
}

CASE("fsync of a directory, after changes in it")
{
	int fd;

	OK(mkdir("d", 0777));
	fd = OK(open("d", O_RDONLY | O_DIRECTORY));
	write_file("d/a", "text");
	OK(rename("d/a", "d/b"));
	OK(fsync(fd));
	OK(unlink("d/b"));
	OK(fdatasync(fd));
	IS(0, count_entries("d"));
}

CASE("syncfs and sync save everything, and everything is still there")
{
	int fd = open_new("file", O_WRONLY);

	IS(4, write(fd, "text", 4));
	OK(syncfs(fd));
	sync();
	FILE_IS("text", "file");
	FAILS(EBADF, syncfs(-1));
}

CASE("sync_file_range of what was written")
{
	int fd = open_new("file", O_WRONLY);

	IS(4, write(fd, "text", 4));
	OK(sync_file_range(fd, 0, 4, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
	FILE_IS("text", "file");
}
