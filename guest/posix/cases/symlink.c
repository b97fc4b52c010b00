/* SYMLINK and READLINK. */
#include "posix-cases.h"

CASE("a symbolic link keeps its target, and leads to it")
{
	char target[64];
	struct stat stat;

	write_file("file", "text");
	OK(symlink("file", "link"));
	IS(4, readlink("link", target, sizeof(target)));
	BYTES_ARE("file", target, 4);
	stat = lstat_of("link");
	HOLDS(S_ISLNK(stat.st_mode));
	IS(0777, stat.st_mode & 07777);
	IS(4, stat.st_size);
	IS(1, stat.st_nlink);
	FILE_IS("text", "link");
}

CASE("a target of 4095 bytes is kept, one of 4096 is ENAMETOOLONG")
{
	char target[PATH_MAX + 1], got[PATH_MAX + 1];

	pattern((unsigned char *)target, sizeof(target), 0);
	for (int i = 0; i < PATH_MAX; i++)
		target[i] = 'a' + (unsigned char)target[i] % 26;
	target[PATH_MAX] = 0;
	FAILS(ENAMETOOLONG, symlink(target, "too-long"));
	target[PATH_MAX - 1] = 0;
	OK(symlink(target, "link"));
	IS(PATH_MAX - 1, lstat_of("link").st_size);
	IS(PATH_MAX - 1, readlink("link", got, sizeof(got)));
	BYTES_ARE(target, got, PATH_MAX - 1);
}

CASE("readlink cuts off what does not fit")
{
	char target[4] = "....";

	OK(symlink("abcdef", "link"));
	IS(3, readlink("link", target, 3));
	BYTES_ARE("abc.", target, 4);
}

CASE("a target is bytes: any but 0 come back")
{
	char target[256], got[256];

	for (int i = 0; i < 255; i++)
		target[i] = i + 1;
	target[255] = 0;
	OK(symlink(target, "link"));
	IS(255, readlink("link", got, sizeof(got)));
	BYTES_ARE(target, got, 255);
}

CASE("a dangling link is there, its target is ENOENT, and creating through it makes the target")
{
	OK(symlink("target", "link"));
	HOLDS(exists("link"));
	FAILS(ENOENT, open("link", O_RDONLY));
	FAILS(ENOENT, access("link", F_OK));
	write_file("link", "made");
	FILE_IS("made", "target");
	HOLDS(S_ISLNK(lstat_of("link").st_mode));
}

CASE("an empty target is ENOENT, a name that is taken EEXIST")
{
	write_file("file", "");
	OK(symlink("nowhere", "link"));
	FAILS(ENOENT, symlink("", "empty"));
	FAILS(EEXIST, symlink("x", "file"));
	FAILS(EEXIST, symlink("x", "link"));
}

CASE("readlink of what is no link is EINVAL")
{
	char target[16];

	write_file("file", "");
	OK(mkdir("directory", 0777));
	FAILS(EINVAL, readlink("file", target, sizeof(target)));
	FAILS(EINVAL, readlink("directory", target, sizeof(target)));
	FAILS(ENOENT, readlink("missing", target, sizeof(target)));
}

CASE("a link to a directory is walked through, and unlink removes the link only")
{
	OK(mkdir("directory", 0777));
	write_file("directory/file", "text");
	OK(symlink("directory", "link"));
	FILE_IS("text", "link/file");
	FAILS(ENOTDIR, rmdir("link"));
	OK(unlink("link"));
	FILE_IS("text", "directory/file");
}

CASE("relative targets start at the link's directory, absolute ones at the root")
{
	char absolute[PATH_MAX], here[PATH_MAX];

	OK(mkdir("a", 0777));
	OK(mkdir("a/b", 0777));
	write_file("a/file", "text");
	OK(symlink("../file", "a/b/link"));
	FILE_IS("text", "a/b/link");
	HOLDS(getcwd(here, sizeof(here) - 8) != NULL);
	snprintf(absolute, sizeof(absolute), "%s", here);
	strcat(absolute, "/a/file");
	OK(symlink(absolute, "a/b/absolute"));
	FILE_IS("text", "a/b/absolute");
}

CASE("a link that was replaced leads to the new target")
{
	write_file("one", "1");
	write_file("two", "2");
	OK(symlink("one", "link"));
	FILE_IS("1", "link");
	OK(unlink("link"));
	OK(symlink("two", "link"));
	FILE_IS("2", "link");
	OK(symlink("one", "next"));
	OK(rename("next", "link"));
	FILE_IS("1", "link");
}
