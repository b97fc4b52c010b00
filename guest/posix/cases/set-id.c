/* The set-user-ID and set-group-ID bits: when the kernel takes them away, and directories that hand their group on. */
#include "posix-cases.h"
#include <grp.h>

static mode_t bits_of(const char *name)
{
	return lstat_of(name).st_mode & 07777;
}

/* Of ALICE, writable for all. */
static void make_program(const char *name, mode_t mode)
{
	write_file(name, "program");
	OK(chown(name, ALICE, ALICE));
	OK(chmod(name, mode));
}

CASE("a write by another user takes both away")
{
	make_program("file", 06777);
	AS_USER(BOB) {
		int fd = OK(open("file", O_WRONLY));

		IS(1, write(fd, "x", 1));
	}
	IS(0777, bits_of("file"));
}

CASE("a write by the owner takes both away too")
{
	make_program("file", 06777);
	AS_USER(ALICE) {
		int fd = OK(open("file", O_WRONLY));

		IS(1, write(fd, "x", 1));
		IS(S_IFREG | 0777, fstat_of(fd).st_mode);
	}
	IS(0777, bits_of("file"));
}

CASE("a write by root (CAP_FSETID) leaves them")
{
	int fd;

	make_program("file", 06777);
	fd = OK(open("file", O_WRONLY));
	IS(1, write(fd, "x", 1));
	OK(close(fd));
	IS(06777, bits_of("file"));
}

/* A write by one outside the group takes it away on Linux's own file systems since 6.2; FUSE_HANDLE_KILLPRIV_V2 leaves it. */
CASE("set-group-ID without group execution means locking, and a member's write leaves it")
{
	make_program("file", 02766);
	AS_USER(ALICE) {
		int fd = OK(open("file", O_WRONLY));

		IS(1, write(fd, "x", 1));
	}
	IS(02766, bits_of("file"));
}

CASE("truncate by another user takes both away")
{
	make_program("file", 06777);
	AS_USER(BOB) {
		OK(truncate("file", 3));
	}
	IS(0777, bits_of("file"));
}

CASE("ftruncate by another user takes both away")
{
	make_program("file", 06777);
	AS_USER(BOB) {
		int fd = OK(open("file", O_WRONLY));

		OK(ftruncate(fd, 3));
	}
	IS(0777, bits_of("file"));
}

CASE("O_TRUNC by another user takes both away")
{
	make_program("file", 06777);
	AS_USER(BOB) {
		OK(open("file", O_WRONLY | O_TRUNC));
	}
	IS(0777, bits_of("file"));
}

CASE("truncate by root leaves them")
{
	make_program("file", 06777);
	OK(truncate("file", 3));
	IS(06777, bits_of("file"));
	OK(close(OK(open("file", O_WRONLY | O_TRUNC))));
	IS(06777, bits_of("file"));
}

CASE("fallocate by another user takes both away")
{
	make_program("file", 06777);
	AS_USER(BOB) {
		int fd = OK(open("file", O_WRONLY));

		OK(fallocate(fd, 0, 0, 100));
	}
	IS(0777, bits_of("file"));
}

CASE("chown takes both away, by the owner and by root")
{
	make_program("file", 06777);
	IN_CHILD {
		gid_t group = BOB;

		OK(setgroups(1, &group));
		OK(setresgid(ALICE, ALICE, ALICE));
		OK(setresuid(ALICE, ALICE, ALICE));
		OK(chown("file", -1, BOB));
	}
	IS(0777, bits_of("file"));
	OK(chmod("file", 06777));
	OK(chown("file", BOB, -1));
	IS(0777, bits_of("file"));
}

CASE("chown of a directory leaves its bits")
{
	OK(mkdir("d", 0777));
	OK(chmod("d", 06777));
	OK(chown("d", ALICE, ALICE));
	IS(06777, bits_of("d"));
}

CASE("chmod by an owner outside the file's group cannot set set-group-ID")
{
	make_program("file", 0777);
	OK(chown("file", ALICE, BOB));
	AS_USER(ALICE) {
		OK(chmod("file", 06777));
	}
	IS(04777, bits_of("file"));
}

CASE("chmod, rename and link leave them")
{
	make_program("file", 06755);
	OK(chmod("file", 06711));
	OK(rename("file", "other"));
	IS(06711, bits_of("other"));
	OK(link("other", "link"));
	IS(06711, bits_of("link"));
}

CASE("in a set-group-ID directory what is new gets its group, and directories the bit")
{
	OK(mkdir("d", 0777));
	OK(chown("d", ALICE, 5000));
	OK(chmod("d", 02777));
	AS_USER(BOB) {
		write_file("d/file", "");
		OK(mkdir("d/sub", 0755));
		OK(symlink("x", "d/link"));
		OK(mkfifo("d/fifo", 0644));
		OK(mkdir("d/sub/subsub", 0755));
	}
	IS(5000, lstat_of("d/file").st_gid);
	IS(BOB, lstat_of("d/file").st_uid);
	IS(0644, bits_of("d/file"));
	IS(5000, lstat_of("d/sub").st_gid);
	IS(02755, bits_of("d/sub"));
	IS(5000, lstat_of("d/link").st_gid);
	IS(5000, lstat_of("d/fifo").st_gid);
	IS(5000, lstat_of("d/sub/subsub").st_gid);
	IS(02755, bits_of("d/sub/subsub"));
}

CASE("in a directory without it what is new gets its creator's group")
{
	OK(mkdir("d", 0777));
	OK(chown("d", ALICE, 5000));
	OK(chmod("d", 0777));
	AS_USER(BOB) {
		write_file("d/file", "");
		OK(mkdir("d/sub", 0755));
	}
	IS(BOB, lstat_of("d/file").st_gid);
	IS(BOB, lstat_of("d/sub").st_gid);
	IS(0755, bits_of("d/sub"));
}
