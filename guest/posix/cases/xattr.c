/* Extended attributes: SETXATTR, GETXATTR, LISTXATTR, REMOVEXATTR. tmpfs has user.* since Linux 6.6. */
#include "posix-cases.h"
#include <sys/xattr.h>

#define SET(file, name, value) OK(setxattr(file, name, value, strlen(value), 0))

#define XATTR_IS(value, file, name) xattr_is(HERE, value, file, name)
static void xattr_is(struct place place, const char *value, const char *file, const char *name)
{
	char got[256];
	ssize_t length = succeeded(place, name, lgetxattr(file, name, got, sizeof(got) - 1));

	got[length] = 0;
	text_is(place, name, value, got);
}

/* How often it is listed. */
static int times_listed(const char *file, const char *name)
{
	static char names[65536];
	ssize_t length = OK(llistxattr(file, names, sizeof(names)));
	int times = 0;

	for (char *each = names; each < names + length; each += strlen(each) + 1)
		times += !strcmp(each, name);
	return times;
}

CASE("user.*, trusted.* and security.* are kept, by file and by directory")
{
	write_file("file", "");
	OK(mkdir("directory", 0777));
	for (int i = 0; i < 2; i++) {
		const char *name = i ? "directory" : "file";

		SET(name, "user.a", "one");
		SET(name, "trusted.a", "two");
		SET(name, "security.a", "three");
		XATTR_IS("one", name, "user.a");
		XATTR_IS("two", name, "trusted.a");
		XATTR_IS("three", name, "security.a");
	}
}

CASE("a value is replaced, by a longer and by a shorter one")
{
	write_file("file", "");
	SET("file", "user.a", "one");
	SET("file", "user.a", "one and more");
	XATTR_IS("one and more", "file", "user.a");
	SET("file", "user.a", "1");
	XATTR_IS("1", "file", "user.a");
	IS(1, times_listed("file", "user.a"));
}

CASE("XATTR_CREATE is EEXIST for one that is there, XATTR_REPLACE ENODATA for one that is not")
{
	write_file("file", "");
	FAILS(ENODATA, setxattr("file", "user.a", "x", 1, XATTR_REPLACE));
	OK(setxattr("file", "user.a", "one", 3, XATTR_CREATE));
	FAILS(EEXIST, setxattr("file", "user.a", "x", 1, XATTR_CREATE));
	XATTR_IS("one", "file", "user.a");
	OK(setxattr("file", "user.a", "two", 3, XATTR_REPLACE));
	XATTR_IS("two", "file", "user.a");
	FAILS(EINVAL, setxattr("file", "user.a", "x", 1, 8));
}

CASE("a missing one is ENODATA, for reading and removing")
{
	char value[8];

	write_file("file", "");
	FAILS(ENODATA, getxattr("file", "user.a", value, sizeof(value)));
	FAILS(ENODATA, getxattr("file", "user.a", NULL, 0));
	FAILS(ENODATA, removexattr("file", "user.a"));
	FAILS(ENOENT, getxattr("missing", "user.a", value, sizeof(value)));
	FAILS(ENOENT, setxattr("missing", "user.a", "x", 1, 0));
}

CASE("size 0 asks for the length, a buffer that is too short is ERANGE")
{
	char value[8] = "-------";

	write_file("file", "");
	SET("file", "user.a", "12345");
	IS(5, OK(getxattr("file", "user.a", NULL, 0)));
	FAILS(ERANGE, getxattr("file", "user.a", value, 4));
	IS(5, OK(getxattr("file", "user.a", value, 5)));
	BYTES_ARE("12345--", value, 7);
}

CASE("an empty value is a value")
{
	char value[8];

	write_file("file", "");
	OK(setxattr("file", "user.empty", "", 0, 0));
	OK(setxattr("file", "user.null", NULL, 0, 0));
	IS(0, OK(getxattr("file", "user.empty", value, sizeof(value))));
	IS(0, OK(getxattr("file", "user.empty", NULL, 0)));
	IS(0, OK(getxattr("file", "user.null", value, sizeof(value))));
	IS(1, times_listed("file", "user.empty"));
	FAILS(EEXIST, setxattr("file", "user.empty", "x", 1, XATTR_CREATE));
}

CASE("a value is bytes: all 256 come back")
{
	unsigned char value[256], got[256];

	for (int i = 0; i < 256; i++)
		value[i] = i;
	write_file("file", "");
	OK(setxattr("file", "user.bytes", value, 256, 0));
	IS(256, OK(getxattr("file", "user.bytes", got, sizeof(got))));
	BYTES_ARE(value, got, 256);
}

CASE("all names are listed, each once, and their length is told beforehand")
{
	char name[32], names[2048];
	ssize_t length;

	write_file("file", "");
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "user.number-%d", i);
		SET("file", name, name);
	}
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "user.number-%d", i);
		IS(1, times_listed("file", name));
		XATTR_IS(name, "file", name);
	}
	length = OK(listxattr("file", NULL, 0));
	FAILS(ERANGE, listxattr("file", names, length - 1));
	IS(length, OK(listxattr("file", names, length)));
}

CASE("a new file has no user.* attributes")
{
	char names[256];

	write_file("file", "");
	IS(0, OK(listxattr("file", NULL, 0)));
	IS(0, OK(listxattr("file", names, sizeof(names))));
}

CASE("a removed one is gone, and the others stay")
{
	write_file("file", "");
	SET("file", "user.a", "1");
	SET("file", "user.b", "2");
	OK(removexattr("file", "user.a"));
	FAILS(ENODATA, getxattr("file", "user.a", NULL, 0));
	IS(0, times_listed("file", "user.a"));
	XATTR_IS("2", "file", "user.b");
	OK(setxattr("file", "user.a", "3", 1, XATTR_CREATE));
}

CASE("user.* of a symbolic link, a fifo and a device is EPERM, trusted.* is kept")
{
	write_file("file", "");
	OK(symlink("file", "link"));
	OK(mkfifo("fifo", 0666));
	FAILS(EPERM, lsetxattr("link", "user.a", "x", 1, 0));
	FAILS(EPERM, setxattr("fifo", "user.a", "x", 1, 0));
	OK(lsetxattr("link", "trusted.a", "of the link", 11, 0));
	XATTR_IS("of the link", "link", "trusted.a");
	FAILS(ENODATA, getxattr("file", "trusted.a", NULL, 0));
	OK(lremovexattr("link", "trusted.a"));
}

CASE("setxattr goes through a symbolic link")
{
	write_file("file", "");
	OK(symlink("file", "link"));
	SET("link", "user.a", "one");
	XATTR_IS("one", "file", "user.a");
	IS(3, OK(getxattr("link", "user.a", NULL, 0)));
	FAILS(EPERM, lremovexattr("link", "user.a"));
	OK(removexattr("link", "user.a"));
	IS(0, times_listed("file", "user.a"));
}

CASE("by descriptor, also of a removed file")
{
	char value[8], names[64];
	int fd = open_new("file", O_RDWR);

	OK(fsetxattr(fd, "user.a", "one", 3, 0));
	XATTR_IS("one", "file", "user.a");
	OK(unlink("file"));
	IS(3, OK(fgetxattr(fd, "user.a", value, sizeof(value))));
	OK(fsetxattr(fd, "user.b", "two", 3, 0));
	IS(14, OK(flistxattr(fd, names, sizeof(names))));
	OK(fremovexattr(fd, "user.a"));
	FAILS(ENODATA, fgetxattr(fd, "user.a", value, sizeof(value)));
}
