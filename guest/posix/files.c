/* Files, as the cases need them. */
#include "posix-cases.h"
#include <sys/sysmacros.h>

int open_new(const char *name, int flags)
{
	return OK(open(name, flags | O_CREAT, 0666));
}

void write_file(const char *name, const char *text)
{
	int fd = open_new(name, O_WRONLY | O_TRUNC);

	IS(strlen(text), write(fd, text, strlen(text)));
	OK(close(fd));
}

void file_is(struct place place, const char *text, const char *name)
{
	int fd = succeeded(place, name, open(name, O_RDONLY));

	text_is(place, name, text, text_of(fd));
	OK(close(fd));
}

const char *text_of(int fd)
{
	static char text[64 * 1024];
	int length = OK(pread(fd, text, sizeof(text) - 1, 0));

	text[length] = 0;
	return text;
}

struct stat lstat_of(const char *name)
{
	struct stat stat;

	OK(lstat(name, &stat));
	return stat;
}

struct stat fstat_of(int fd)
{
	struct stat stat;

	OK(fstat(fd, &stat));
	return stat;
}

int exists(const char *name)
{
	struct stat stat;

	if (!lstat(name, &stat))
		return 1;
	if (errno != ENOENT)
		FAIL("lstat %s: expected success or ENOENT, got %s", name, strerrorname_np(errno));
	return 0;
}

int compare_times(struct timespec left, struct timespec right)
{
	if (left.tv_sec != right.tv_sec)
		return left.tv_sec < right.tv_sec ? -1 : 1;
	return (left.tv_nsec > right.tv_nsec) - (left.tv_nsec < right.tv_nsec);
}

int count_entries(const char *directory)
{
	DIR *stream = opendir(directory);
	int count = 0;

	HOLDS(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(stream);
	return count;
}

void pattern(unsigned char *bytes, size_t length, unsigned long long offset)
{
	for (size_t i = 0; i < length; i++) {
		unsigned long long at = offset + i;

		bytes[i] = at ^ at >> 8 ^ at >> 16 ^ at >> 24;
	}
}

void drop_caches(void)
{
	int fd = OK(open("/proc/sys/vm/drop_caches", O_WRONLY));

	sync();
	IS(1, write(fd, "3", 1));
	OK(close(fd));
}

int on_fuse(void)
{
	/* "36 35 98:0 /root /mount options - type source options", proc_pid_mountinfo(5) */
	char line[1024], device[32];
	dev_t here = lstat_of(".").st_dev;
	FILE *mounts = fopen("/proc/self/mountinfo", "r");
	int found = 0;

	HOLDS(mounts != NULL);
	snprintf(device, sizeof(device), " %u:%u /", major(here), minor(here));
	while (fgets(line, sizeof(line), mounts))
		found |= strstr(line, device) && (strstr(line, " - virtiofs ") || strstr(line, " - fuse"));
	fclose(mounts);
	return found;
}

int remove_tree(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), failure = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream)
		return -1;
	/* A name at a time, from the start: nothing is taken for granted about reading a directory that changes. */
	while (!failure) {
		struct dirent *entry;
		struct stat stat;

		rewinddir(stream);
		do
			entry = readdir(stream);
		while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
		if (!entry)
			break;
		failure = fstatat(fd, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW);
		if (!failure)
			failure = S_ISDIR(stat.st_mode) ? remove_tree(fd, entry->d_name) : unlinkat(fd, entry->d_name, 0);
	}
	closedir(stream);
	return failure ? -1 : unlinkat(parent, name, AT_REMOVEDIR);
}
