/* O_TMPFILE: files that never had a name. */
#include "posix-cases.h"

/* Without privileges, a descriptor is linked by its name in /proc; AT_EMPTY_PATH asks for CAP_DAC_READ_SEARCH. */
static int link_by_proc(int fd, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

CASE("a file without a name is written, read and statted, and not listed")
{
	int fd = OK(open(".", O_TMPFILE | O_RDWR, 0640));

	IS(4, write(fd, "text", 4));
	TEXT_IS("text", text_of(fd));
	IS(0, fstat_of(fd).st_nlink);
	IS(4, fstat_of(fd).st_size);
	IS(S_IFREG | 0640, fstat_of(fd).st_mode);
	OK(fsync(fd));
	OK(ftruncate(fd, 2));
	TEXT_IS("te", text_of(fd));
	IS(0, count_entries("."));
}

CASE("linkat with AT_EMPTY_PATH gives it a name")
{
	int fd = OK(open(".", O_TMPFILE | O_RDWR, 0600));

	IS(4, write(fd, "text", 4));
	OK(linkat(fd, "", AT_FDCWD, "file", AT_EMPTY_PATH));
	FILE_IS("text", "file");
	IS(1, fstat_of(fd).st_nlink);
	IS(fstat_of(fd).st_ino, lstat_of("file").st_ino);
	IS(5, pwrite(fd, "more!", 5, 0));
	OK(close(fd));
	FILE_IS("more!", "file");
}

CASE("linkat of /proc/self/fd gives it a name, and a second one")
{
	int fd = OK(open(".", O_TMPFILE | O_WRONLY, 0644));

	OK(mkdir("d", 0777));
	IS(4, write(fd, "text", 4));
	OK(link_by_proc(fd, "d/a"));
	OK(link_by_proc(fd, "b"));
	IS(2, fstat_of(fd).st_nlink);
	FILE_IS("text", "d/a");
	OK(unlink("d/a"));
	FILE_IS("text", "b");
}

CASE("with O_EXCL it can never have a name: ENOENT")
{
	int fd = OK(open(".", O_TMPFILE | O_EXCL | O_RDWR, 0600));

	IS(4, write(fd, "text", 4));
	FAILS(ENOENT, link_by_proc(fd, "file"));
	FAILS(ENOENT, linkat(fd, "", AT_FDCWD, "file", AT_EMPTY_PATH));
	TEXT_IS("text", text_of(fd));
}

CASE("a name that is taken is EEXIST, and it can still be linked elsewhere")
{
	int fd = OK(open(".", O_TMPFILE | O_RDWR, 0600));

	write_file("taken", "other");
	FAILS(EEXIST, link_by_proc(fd, "taken"));
	FILE_IS("other", "taken");
	OK(link_by_proc(fd, "free"));
}

CASE("it wants a directory and the right to write in it")
{
	write_file("file", "");
	FAILS(ENOTDIR, open("file", O_TMPFILE | O_RDWR, 0600));
	FAILS(EINVAL, open(".", O_TMPFILE | O_RDONLY, 0600));
	FAILS(ENOENT, open("missing", O_TMPFILE | O_RDWR, 0600));
	OK(chmod(".", 0755));
	AS_USER(ALICE) {
		FAILS(EACCES, open(".", O_TMPFILE | O_RDWR, 0600));
	}
	OK(chmod(".", 0777));
	AS_USER(ALICE) {
		int fd = OK(open(".", O_TMPFILE | O_RDWR, 0600));

		IS(ALICE, fstat_of(fd).st_uid);
		OK(link_by_proc(fd, "mine"));
	}
	IS(ALICE, lstat_of("mine").st_uid);
}

CASE("several at once are several files")
{
	int a = OK(open(".", O_TMPFILE | O_RDWR, 0600)), b = OK(open(".", O_TMPFILE | O_RDWR, 0600));

	IS(1, write(a, "a", 1));
	IS(1, write(b, "b", 1));
	HOLDS(fstat_of(a).st_ino != fstat_of(b).st_ino);
	TEXT_IS("a", text_of(a));
	TEXT_IS("b", text_of(b));
}

CASE("the umask is taken off, and a large one keeps its content through its link")
{
	static unsigned char bytes[300000], got[300000];
	int fd;

	umask(077);
	fd = OK(open(".", O_TMPFILE | O_RDWR, 0666));
	IS(S_IFREG | 0600, fstat_of(fd).st_mode);
	pattern(bytes, sizeof(bytes), 0);
	IS(sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	OK(link_by_proc(fd, "file"));
	OK(close(fd));
	fd = OK(open("file", O_RDONLY));
	IS(sizeof(got), read(fd, got, sizeof(got)));
	BYTES_ARE(bytes, got, sizeof(got));
}
