/* What becomes of extended attributes, their limits, and who may read and write them. */
#include "posix-cases.h"
#include <sys/xattr.h>

static int length_of(const char *file, const char *name)
{
	return OK(getxattr(file, name, NULL, 0));
}

CASE("they survive rename, also of the directory, and replace those of what is replaced")
{
	write_file("a", "");
	write_file("b", "");
	OK(mkdir("d", 0777));
	OK(setxattr("a", "user.a", "one", 3, 0));
	OK(setxattr("b", "user.b", "two", 3, 0));
	OK(setxattr("d", "user.d", "three", 5, 0));
	OK(rename("a", "b"));
	IS(3, length_of("b", "user.a"));
	FAILS(ENODATA, getxattr("b", "user.b", NULL, 0));
	OK(rename("b", "d/b"));
	OK(rename("d", "e"));
	IS(3, length_of("e/b", "user.a"));
	IS(5, length_of("e", "user.d"));
}

CASE("hard links share them")
{
	write_file("a", "");
	OK(link("a", "b"));
	OK(setxattr("a", "user.a", "one", 3, 0));
	IS(3, length_of("b", "user.a"));
	OK(removexattr("b", "user.a"));
	FAILS(ENODATA, getxattr("a", "user.a", NULL, 0));
	OK(setxattr("b", "user.b", "three", 5, 0));
	OK(unlink("b"));
	IS(5, length_of("a", "user.b"));
}

CASE("a new file or directory of a removed one's name has none of its attributes")
{
	write_file("a", "");
	OK(setxattr("a", "user.a", "one", 3, 0));
	OK(unlink("a"));
	write_file("a", "");
	FAILS(ENODATA, getxattr("a", "user.a", NULL, 0));
	IS(0, OK(listxattr("a", NULL, 0)));
	OK(mkdir("d", 0777));
	OK(setxattr("d", "user.a", "one", 3, 0));
	OK(rmdir("d"));
	OK(mkdir("d", 0777));
	FAILS(ENODATA, getxattr("d", "user.a", NULL, 0));
}

CASE("they survive write, truncate, chmod and sync")
{
	write_file("a", "");
	OK(setxattr("a", "user.a", "one", 3, 0));
	write_file("a", "text");
	OK(truncate("a", 1));
	OK(chmod("a", 0600));
	sync();
	IS(3, length_of("a", "user.a"));
	FILE_IS("t", "a");
}

CASE("RENAME_EXCHANGE takes them along")
{
	write_file("a", "");
	write_file("b", "");
	OK(setxattr("a", "user.a", "one", 3, 0));
	OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE));
	IS(3, length_of("b", "user.a"));
	FAILS(ENODATA, getxattr("a", "user.a", NULL, 0));
}

CASE("setting and removing move ctime, and not mtime")
{
	struct stat before, after;

	write_file("a", "");
	before = lstat_of("a");
	let_time_pass();
	OK(setxattr("a", "user.a", "one", 3, 0));
	after = lstat_of("a");
	HOLDS(compare_times(after.st_ctim, before.st_ctim) > 0);
	IS(0, compare_times(after.st_mtim, before.st_mtim));
	let_time_pass();
	OK(removexattr("a", "user.a"));
	HOLDS(compare_times(lstat_of("a").st_ctim, after.st_ctim) > 0);
}

/* ext4 has room for a block's worth of values only: ENOSPC there. */
CASE("a value of 64 KiB is kept, one byte more is E2BIG")
{
	static unsigned char value[XATTR_SIZE_MAX + 1], got[XATTR_SIZE_MAX];

	write_file("a", "");
	pattern(value, sizeof(value), 0);
	FAILS(E2BIG, setxattr("a", "user.a", value, XATTR_SIZE_MAX + 1, 0));
	OK(setxattr("a", "user.a", value, XATTR_SIZE_MAX, 0));
	IS(XATTR_SIZE_MAX, length_of("a", "user.a"));
	FAILS(ERANGE, getxattr("a", "user.a", got, XATTR_SIZE_MAX - 1));
	IS(XATTR_SIZE_MAX, OK(getxattr("a", "user.a", got, sizeof(got))));
	BYTES_ARE(value, got, sizeof(got));
}

CASE("a value of 2,000 bytes is kept")
{
	unsigned char value[2000], got[2000];

	write_file("a", "");
	pattern(value, sizeof(value), 0);
	OK(setxattr("a", "user.a", value, sizeof(value), 0));
	IS(sizeof(got), OK(getxattr("a", "user.a", got, sizeof(got))));
	BYTES_ARE(value, got, sizeof(got));
}

CASE("a name of 255 bytes is fine, one of 256 is ERANGE")
{
	char name[257];

	write_file("a", "");
	memset(name, 'n', 256);
	memcpy(name, "user.", 5);
	name[256] = 0;
	FAILS(ERANGE, setxattr("a", name, "x", 1, 0));
	FAILS(ERANGE, getxattr("a", name, NULL, 0));
	name[255] = 0;
	OK(setxattr("a", name, "x", 1, 0));
	IS(1, length_of("a", name));
	IS(256, OK(listxattr("a", NULL, 0)));
	FAILS(ERANGE, setxattr("a", "", "x", 1, 0));
}

CASE("names are bytes: dots, spaces and what is no UTF-8")
{
	static const char *const names[] = { "user.a.b.c", "user. ", "user.\xff\xfe", "user.\xc3\xa9", "user.A", "user.a" };

	write_file("a", "");
	for (int i = 0; i < 6; i++)
		OK(setxattr("a", names[i], "12345678", i + 1, XATTR_CREATE));
	for (int i = 0; i < 6; i++)
		IS(i + 1, length_of("a", names[i]));
}

CASE("a namespace that is not there is EOPNOTSUPP, a name that is only its prefix EINVAL")
{
	write_file("a", "");
	FAILS(EOPNOTSUPP, setxattr("a", "unknown.a", "x", 1, 0));
	FAILS(EOPNOTSUPP, setxattr("a", "nodot", "x", 1, 0));
	FAILS(EOPNOTSUPP, getxattr("a", "unknown.a", NULL, 0));
	FAILS(EOPNOTSUPP, setxattr("a", "system.unknown", "x", 1, 0));
	FAILS(EINVAL, setxattr("a", "user.", "x", 1, 0));
}

/* Linux's own file systems have access control lists; a share leaves them to the mode bits. */
CASE("access control lists are refused with EOPNOTSUPP on FUSE")
{
	static const unsigned char list[] = { 2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 4, 0, 4, 0, 255, 255, 255, 255,
					      32, 0, 4, 0, 255, 255, 255, 255 };

	write_file("a", "");
	if (!on_fuse())
		return;
	FAILS(EOPNOTSUPP, setxattr("a", "system.posix_acl_access", list, sizeof(list), 0));
	FAILS(EOPNOTSUPP, getxattr("a", "system.posix_acl_access", NULL, 0));
	FAILS(EOPNOTSUPP, setxattr(".", "system.posix_acl_default", list, sizeof(list), 0));
}

CASE("user.* follows the mode bits: EACCES for others")
{
	write_file("a", "");
	OK(chmod("a", 0604));
	OK(setxattr("a", "user.a", "one", 3, 0));
	AS_USER(ALICE) {
		IS(3, length_of("a", "user.a"));
		FAILS(EACCES, setxattr("a", "user.a", "x", 1, 0));
		FAILS(EACCES, removexattr("a", "user.a"));
	}
	OK(chmod("a", 0600));
	AS_USER(ALICE) {
		FAILS(EACCES, getxattr("a", "user.a", NULL, 0));
	}
}

CASE("trusted.* and security.* are root's to change, and trusted.* to see")
{
	write_file("a", "");
	OK(chown("a", ALICE, ALICE));
	OK(setxattr("a", "trusted.a", "one", 3, 0));
	OK(setxattr("a", "security.a", "one", 3, 0));
	AS_USER(ALICE) {
		FAILS(EPERM, setxattr("a", "trusted.a", "x", 1, 0));
		FAILS(ENODATA, getxattr("a", "trusted.a", NULL, 0));
		FAILS(EPERM, setxattr("a", "security.a", "x", 1, 0));
		IS(3, length_of("a", "security.a"));
	}
}

CASE("in a sticky directory of another's, user.* of the directory is EPERM")
{
	OK(mkdir("d", 0777));
	OK(chmod("d", 01777));
	AS_USER(ALICE) {
		FAILS(EPERM, setxattr("d", "user.a", "x", 1, 0));
	}
}
