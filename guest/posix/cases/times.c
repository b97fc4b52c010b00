/* SETATTR and what else moves the times of files and directories. Access times are the mount's business, and no cases. */
#include "posix-cases.h"

/* The calls of which each must move a file's change time. */
#define CHANGES(name, call)                                                                     \
	do {                                                                                    \
		struct stat before = lstat_of(name);                                            \
		let_time_pass();                                                                \
		OK(call);                                                                       \
		if (compare_times(lstat_of(name).st_ctim, before.st_ctim) <= 0)                 \
			FAIL("%s: expected a later ctime of %s, got the same", #call, name);    \
	} while (0)

static void set_times(const char *name, struct timespec access, struct timespec change)
{
	OK(utimensat(AT_FDCWD, name, (struct timespec[]){ access, change }, AT_SYMLINK_NOFOLLOW));
}

static void check_times(const char *name, long long access, long access_ns, long long change, long change_ns)
{
	struct stat stat = lstat_of(name);

	IS(access, stat.st_atim.tv_sec);
	IS(access_ns, stat.st_atim.tv_nsec);
	IS(change, stat.st_mtim.tv_sec);
	IS(change_ns, stat.st_mtim.tv_nsec);
}

CASE("utimensat keeps nanoseconds, for files, directories and symbolic links")
{
	struct timespec access = { 1234567890, 123456789 }, change = { 987654321, 987654321 };

	write_file("file", "");
	OK(mkdir("directory", 0777));
	OK(symlink("file", "link"));
	set_times("link", access, change);
	set_times("file", change, access);
	set_times("directory", access, change);
	check_times("link", 1234567890, 123456789, 987654321, 987654321);
	check_times("file", 987654321, 987654321, 1234567890, 123456789);
	check_times("directory", 1234567890, 123456789, 987654321, 987654321);
}

CASE("futimens works on a descriptor, also of a removed file")
{
	int fd = open_new("file", O_RDONLY);

	OK(unlink("file"));
	OK(futimens(fd, (struct timespec[]){ { 5, 6 }, { 7, 8 } }));
	IS(5, fstat_of(fd).st_atim.tv_sec);
	IS(8, fstat_of(fd).st_mtim.tv_nsec);
}

CASE("UTIME_OMIT leaves one time as it is")
{
	write_file("file", "");
	set_times("file", (struct timespec){ 100, 1 }, (struct timespec){ 200, 2 });
	set_times("file", (struct timespec){ 0, UTIME_OMIT }, (struct timespec){ 300, 3 });
	check_times("file", 100, 1, 300, 3);
	set_times("file", (struct timespec){ 400, 4 }, (struct timespec){ 0, UTIME_OMIT });
	check_times("file", 400, 4, 300, 3);
}

CASE("UTIME_NOW is the time of now")
{
	struct timespec start;
	struct stat stat;

	write_file("before", "");
	start = lstat_of("before").st_mtim;
	write_file("file", "");
	set_times("file", (struct timespec){ 100, 1 }, (struct timespec){ 200, 2 });
	let_time_pass();
	set_times("file", (struct timespec){ 0, UTIME_NOW }, (struct timespec){ 0, UTIME_NOW });
	stat = lstat_of("file");
	HOLDS(compare_times(stat.st_mtim, start) > 0);
	HOLDS(compare_times(stat.st_atim, start) > 0);
	HOLDS(stat.st_mtim.tv_sec < start.tv_sec + 600);
	set_times("file", (struct timespec){ 100, 1 }, (struct timespec){ 0, UTIME_NOW });
	stat = lstat_of("file");
	IS(100, stat.st_atim.tv_sec);
	HOLDS(compare_times(stat.st_mtim, start) > 0);
}

CASE("times before 1970 are kept")
{
	write_file("file", "");
	set_times("file", (struct timespec){ -1, 999999999 }, (struct timespec){ -1000000000, 5 });
	check_times("file", -1, 999999999, -1000000000, 5);
}

/* ext4 ends in 2446 (it has 34 bits for seconds). */
CASE("times after 2038 are kept")
{
	write_file("file", "");
	set_times("file", (struct timespec){ 0x80000000LL, 1 }, (struct timespec){ 0x100000000LL, 2 });
	check_times("file", 0x80000000LL, 1, 0x100000000LL, 2);
}

CASE("the time 0 and the last nanosecond of a second are kept")
{
	write_file("file", "");
	set_times("file", (struct timespec){ 0, 0 }, (struct timespec){ 1, 999999999 });
	check_times("file", 0, 0, 1, 999999999);
}

CASE("utimensat by others: EPERM for given times, EACCES for now, unless they may write")
{
	write_file("file", "");
	AS_USER(ALICE) {
		FAILS(EPERM, utimensat(AT_FDCWD, "file", (struct timespec[]){ { 1, 1 }, { 1, 1 } }, 0));
		FAILS(EACCES, utimensat(AT_FDCWD, "file", NULL, 0));
	}
	OK(chmod("file", 0666));
	AS_USER(ALICE) {
		FAILS(EPERM, utimensat(AT_FDCWD, "file", (struct timespec[]){ { 1, 1 }, { 1, 1 } }, 0));
		OK(utimensat(AT_FDCWD, "file", NULL, 0));
	}
}

CASE("ctime advances on chmod, chown, utimensat and truncate")
{
	write_file("file", "text");
	CHANGES("file", chmod("file", 0600));
	CHANGES("file", chown("file", 1, 2));
	CHANGES("file", utimensat(AT_FDCWD, "file", (struct timespec[]){ { 1, 1 }, { 1, 1 } }, 0));
	CHANGES("file", truncate("file", 2));
	CHANGES("file", truncate("file", 20));
}

CASE("ctime advances on rename, of a file and of a directory")
{
	struct stat before;

	write_file("file", "");
	OK(mkdir("directory", 0777));
	before = lstat_of("file");
	let_time_pass();
	OK(rename("file", "new-file"));
	OK(rename("directory", "new-directory"));
	HOLDS(compare_times(lstat_of("new-file").st_ctim, before.st_ctim) > 0);
	HOLDS(compare_times(lstat_of("new-directory").st_ctim, before.st_ctim) > 0);
	IS(0, compare_times(lstat_of("new-file").st_mtim, before.st_mtim));
}

CASE("ctime advances on link, and on the unlink of another link")
{
	write_file("file", "");
	CHANGES("file", link("file", "other"));
	CHANGES("file", unlink("other"));
}

CASE("mtime and ctime advance on write")
{
	int fd = open_new("file", O_RDWR);
	struct stat before = fstat_of(fd), after;

	let_time_pass();
	IS(4, write(fd, "text", 4));
	after = fstat_of(fd);
	HOLDS(compare_times(after.st_mtim, before.st_mtim) > 0);
	HOLDS(compare_times(after.st_ctim, before.st_ctim) > 0);
	IS(0, compare_times(lstat_of("file").st_mtim, after.st_mtim));
}

CASE("mtime advances on truncate and O_TRUNC")
{
	struct timespec old = { 1000, 0 };

	write_file("file", "text");
	set_times("file", old, old);
	OK(truncate("file", 2));
	HOLDS(lstat_of("file").st_mtim.tv_sec > 1000);
	set_times("file", old, old);
	OK(close(OK(open("file", O_WRONLY | O_TRUNC))));
	HOLDS(lstat_of("file").st_mtim.tv_sec > 1000);
}

CASE("mtime stays on chmod, chown, link, open for writing and read")
{
	struct timespec old = { 1000, 1000 };
	char byte;
	int fd;

	write_file("file", "text");
	set_times("file", old, old);
	OK(chmod("file", 0600));
	OK(chown("file", 1, 1));
	fd = OK(open("file", O_RDWR));
	IS(1, read(fd, &byte, 1));
	OK(close(fd));
	OK(link("file", "other"));
	IS(0, compare_times(old, lstat_of("file").st_mtim));
}

CASE("a written file's times set afterwards stay, through close and fsync")
{
	int fd = open_new("file", O_RDWR);

	IS(4, write(fd, "text", 4));
	OK(futimens(fd, (struct timespec[]){ { 11, 12 }, { 13, 14 } }));
	OK(fsync(fd));
	OK(close(fd));
	IS(13, lstat_of("file").st_mtim.tv_sec);
	IS(14, lstat_of("file").st_mtim.tv_nsec);
}

static void directory_changes(const char *name, const char *what)
{
	struct timespec old = { 1000, 0 };
	struct stat stat = lstat_of(name);

	if (stat.st_mtim.tv_sec == 1000)
		FAIL("%s: expected a later mtime of the directory %s, got the same", what, name);
	set_times(name, old, old);
}

CASE("a directory's mtime advances when a name in it comes, goes or changes")
{
	OK(mkdir("d", 0777));
	OK(mkdir("e", 0777));
	set_times("d", (struct timespec){ 1000, 0 }, (struct timespec){ 1000, 0 });
	write_file("d/file", "");
	directory_changes("d", "create");
	OK(mkdir("d/sub", 0777));
	directory_changes("d", "mkdir");
	OK(symlink("x", "d/link"));
	directory_changes("d", "symlink");
	OK(mkfifo("d/fifo", 0666));
	directory_changes("d", "mknod");
	OK(rename("d/file", "d/renamed"));
	directory_changes("d", "rename");
	set_times("e", (struct timespec){ 1000, 0 }, (struct timespec){ 1000, 0 });
	OK(rename("d/renamed", "e/moved"));
	directory_changes("d", "rename out of it");
	directory_changes("e", "rename into it");
	OK(unlink("d/link"));
	directory_changes("d", "unlink");
	OK(rmdir("d/sub"));
	directory_changes("d", "rmdir");
}

CASE("a directory's mtime advances on link")
{
	OK(mkdir("d", 0777));
	write_file("file", "");
	set_times("d", (struct timespec){ 1000, 0 }, (struct timespec){ 1000, 0 });
	OK(link("file", "d/link"));
	directory_changes("d", "link");
}

CASE("a directory's mtime stays when a file in it is written or changed")
{
	OK(mkdir("d", 0777));
	write_file("d/file", "");
	set_times("d", (struct timespec){ 1000, 0 }, (struct timespec){ 1000, 0 });
	write_file("d/file", "more");
	OK(chmod("d/file", 0600));
	IS(1000, lstat_of("d").st_mtim.tv_sec);
}

CASE("a new file has its three times from its creation")
{
	struct stat before, after;

	write_file("before", "");
	before = lstat_of("before");
	let_time_pass();
	OK(mkdir("directory", 0777));
	after = lstat_of("directory");
	HOLDS(compare_times(after.st_mtim, before.st_mtim) > 0);
	HOLDS(compare_times(after.st_ctim, before.st_ctim) > 0);
	HOLDS(compare_times(after.st_atim, before.st_mtim) > 0);
}
