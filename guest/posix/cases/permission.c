/* Who may do what: the mode bits, the sticky bit. */
#include "posix-cases.h"
#include <grp.h>

CASE("the bits of owner, group and others decide, the first that apply")
{
	write_file("file", "");
	OK(chown("file", ALICE, BOB));
	OK(chmod("file", 0046));
	AS_USER(ALICE) {
		FAILS(EACCES, open("file", O_RDONLY));
		FAILS(EACCES, open("file", O_WRONLY));
	}
	AS_USER(BOB) {
		OK(open("file", O_RDONLY));
		FAILS(EACCES, open("file", O_WRONLY));
	}
	AS_USER(1002) {
		OK(open("file", O_RDONLY));
		OK(open("file", O_WRONLY));
	}
}

CASE("others may neither create, remove nor rename in a directory of mode 0755")
{
	OK(mkdir("d", 0755));
	write_file("d/file", "");
	OK(mkdir("d/sub", 0755));
	AS_USER(ALICE) {
		FAILS(EACCES, open("d/new", O_CREAT | O_WRONLY, 0666));
		FAILS(EACCES, mkdir("d/new", 0777));
		FAILS(EACCES, symlink("x", "d/new"));
		FAILS(EACCES, mkfifo("d/new", 0666));
		FAILS(EACCES, unlink("d/file"));
		FAILS(EACCES, rmdir("d/sub"));
		FAILS(EACCES, rename("d/file", "d/new"));
	}
}

CASE("without search permission nothing below a directory is reached, without read it is not listed")
{
	OK(mkdir("d", 0777));
	write_file("d/file", "text");
	OK(chmod("d", 0744));
	AS_USER(ALICE) {
		FAILS(EACCES, access("d/file", F_OK));
		FAILS(EACCES, chdir("d"));
		OK(open("d", O_RDONLY));
	}
	OK(chmod("d", 0711));
	AS_USER(ALICE) {
		FILE_IS("text", "d/file");
		FAILS(EACCES, open("d", O_RDONLY));
	}
}

CASE("a change of mode counts at once, an open descriptor goes on")
{
	write_file("file", "text");
	AS_USER(ALICE) {
		int fd = OK(open("file", O_RDONLY));

		IN_CHILD {
			FAILS(EPERM, chmod("file", 0));
		}
		TEXT_IS("text", text_of(fd));
	}
	OK(chmod("file", 0));
	AS_USER(ALICE) {
		FAILS(EACCES, open("file", O_RDONLY));
	}
	OK(chmod("file", 0604));
	AS_USER(ALICE) {
		FILE_IS("text", "file");
	}
}

CASE("access(2) and execve ask for the x bit, also of root")
{
	write_file("file", "#!/bin/sh\n");
	FAILS(EACCES, access("file", X_OK));
	FAILS(EACCES, execl("./file", "file", NULL));
	OK(chmod("file", 0711));
	OK(access("file", X_OK));
	AS_USER(ALICE) {
		OK(access("file", X_OK));
		FAILS(EACCES, access("file", R_OK));
	}
}

CASE("a supplementary group's bits count")
{
	write_file("file", "text");
	OK(chown("file", 0, 5000));
	OK(chmod("file", 0640));
	AS_USER(ALICE) {
		FAILS(EACCES, open("file", O_RDONLY));
	}
	IN_CHILD {
		gid_t group = 5000;

		OK(setgroups(1, &group));
		OK(setresgid(ALICE, ALICE, ALICE));
		OK(setresuid(ALICE, ALICE, ALICE));
		FILE_IS("text", "file");
	}
}

CASE("in a sticky directory only a file's or the directory's owner removes and renames")
{
	OK(mkdir("d", 0777));
	OK(chmod("d", 01777));
	AS_USER(ALICE) {
		write_file("d/alice", "");
		OK(mkdir("d/directory", 0777));
	}
	AS_USER(BOB) {
		FAILS(EPERM, unlink("d/alice"));
		FAILS(EPERM, rmdir("d/directory"));
		FAILS(EPERM, rename("d/alice", "d/bob"));
		write_file("d/mine", "");
		FAILS(EPERM, rename("d/mine", "d/alice"));
		OK(rename("d/mine", "d/still-mine"));
		OK(unlink("d/still-mine"));
	}
	AS_USER(ALICE) {
		OK(rename("d/alice", "d/renamed"));
		OK(unlink("d/renamed"));
	}
	OK(chown("d", BOB, BOB));
	AS_USER(BOB) {
		OK(rmdir("d/directory"));
	}
}
