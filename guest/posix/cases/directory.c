/* Directories: their entries, counts and paths. */
#include "posix-cases.h"

CASE("a new directory has two links, and one more for each directory in it")
{
	char name[8];

	OK(mkdir("d", 0777));
	IS(2, lstat_of("d").st_nlink);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		OK(mkdir(name, 0777));
		IS(3 + i, lstat_of("d").st_nlink);
	}
	write_file("d/file", "");
	OK(symlink("x", "d/link"));
	IS(12, lstat_of("d").st_nlink);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		OK(rmdir(name));
	}
	IS(2, lstat_of("d").st_nlink);
}

CASE("the dot entries are listed once each, with the right numbers")
{
	DIR *stream;
	ino_t self = 0, parent = 0;
	int count = 0;

	OK(mkdir("d", 0777));
	write_file("d/file", "");
	stream = opendir("d");
	HOLDS(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream)); count++) {
		if (!strcmp(entry->d_name, "."))
			self = entry->d_ino;
		else if (!strcmp(entry->d_name, ".."))
			parent = entry->d_ino;
	}
	closedir(stream);
	IS(3, count);
	IS(lstat_of("d").st_ino, self);
	IS(lstat_of(".").st_ino, parent);
}

CASE("entries have the type and the number that lstat tells")
{
	DIR *stream;

	write_file("file", "");
	OK(mkdir("directory", 0777));
	OK(symlink("file", "link"));
	OK(mkfifo("fifo", 0666));
	OK(mknod("device", S_IFCHR | 0600, 259));
	OK(mknod("socket", S_IFSOCK | 0600, 0));
	stream = opendir(".");
	HOLDS(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));) {
		struct stat stat = lstat_of(entry->d_name);

		if (!strcmp(entry->d_name, ".."))
			continue;
		if (entry->d_type != IFTODT(stat.st_mode))
			FAIL("d_type of %s: expected %d, got %d", entry->d_name, IFTODT(stat.st_mode), entry->d_type);
		IS(stat.st_ino, entry->d_ino);
	}
	closedir(stream);
}

CASE("inode numbers differ, and stay through a rename")
{
	ino_t numbers[50];
	char name[8];

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		write_file(name, "");
		numbers[i] = lstat_of(name).st_ino;
		for (int j = 0; j < i; j++)
			HOLDS(numbers[i] != numbers[j]);
	}
	OK(rename("f0", "new"));
	IS(numbers[0], lstat_of("new").st_ino);
}

CASE("all files of the directory are on one device")
{
	OK(mkdir("d", 0777));
	write_file("d/file", "");
	IS(lstat_of(".").st_dev, lstat_of("d").st_dev);
	IS(lstat_of(".").st_dev, lstat_of("d/file").st_dev);
}

CASE("rmdir of a directory that is not empty is ENOTEMPTY")
{
	OK(mkdir("d", 0777));
	write_file("d/file", "");
	FAILS(ENOTEMPTY, rmdir("d"));
	OK(rename("d/file", "file"));
	OK(rmdir("d"));
	OK(mkdir("d", 0777));
	OK(symlink("nowhere", "d/link"));
	FAILS(ENOTEMPTY, rmdir("d"));
	OK(unlink("d/link"));
	OK(rmdir("d"));
}

CASE("mkdir over anything is EEXIST")
{
	write_file("file", "");
	OK(mkdir("d", 0777));
	OK(symlink("nowhere", "link"));
	FAILS(EEXIST, mkdir("file", 0777));
	FAILS(EEXIST, mkdir("d", 0777));
	FAILS(EEXIST, mkdir("link", 0777));
}

CASE("a directory's name may end in a slash")
{
	OK(mkdir("d/", 0777));
	HOLDS(S_ISDIR(lstat_of("d/").st_mode));
	OK(rename("d/", "e/"));
	OK(rmdir("e/"));
	FAILS(EISDIR, open("new/", O_CREAT | O_WRONLY, 0666));
}

CASE("getcwd in a tree of 100 directories")
{
	char path[PATH_MAX], before[PATH_MAX];

	HOLDS(getcwd(before, sizeof(before)) != NULL);
	for (int i = 0; i < 100; i++) {
		OK(mkdir("directory", 0777));
		OK(chdir("directory"));
	}
	HOLDS(getcwd(path, sizeof(path)) != NULL);
	IS(strlen(before) + 100 * strlen("/directory"), strlen(path));
	BYTES_ARE(before, path, strlen(before));
	write_file("file", "deep");
	strcat(path, "/file");
	FILE_IS("deep", path);
}

CASE("a tree deeper than PATH_MAX is made, used and removed step by step")
{
	char name[201], path[PATH_MAX];
	struct stat here = lstat_of(".");

	memset(name, 'n', 200);
	name[200] = 0;
	for (int i = 0; i < 25; i++) {
		OK(mkdir(name, 0777));
		OK(chdir(name));
	}
	write_file("file", "deep");
	FILE_IS("deep", "file");
	HOLDS(getcwd(path, sizeof(path)) == NULL);
	OK(unlink("file"));
	for (int i = 0; i < 25; i++) {
		OK(chdir(".."));
		OK(rmdir(name));
	}
	IS(here.st_ino, lstat_of(".").st_ino);
}

CASE("openat, mkdirat and the others work from a directory's descriptor, wherever it is moved")
{
	int fd;
	char target[8];

	OK(mkdir("d", 0777));
	OK(mkdir("e", 0777));
	fd = OK(open("d", O_RDONLY | O_DIRECTORY));
	OK(rename("d", "e/moved"));
	OK(close(OK(openat(fd, "file", O_CREAT | O_WRONLY, 0666))));
	OK(mkdirat(fd, "sub", 0777));
	OK(symlinkat("target", fd, "link"));
	OK(linkat(fd, "file", fd, "file2", 0));
	OK(renameat(fd, "file", AT_FDCWD, "out"));
	IS(6, readlinkat(fd, "link", target, sizeof(target)));
	IS(3, count_entries("e/moved"));
	OK(unlinkat(fd, "sub", AT_REMOVEDIR));
	OK(unlinkat(fd, "file2", 0));
	IS(1, count_entries("e/moved"));
}
