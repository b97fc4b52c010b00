/* READDIR of directories that are large, or change while they are read. */
#include "posix-cases.h"

enum { MANY = 2000, SOME = 300 };

static void make_files(const char *directory, int count)
{
	char name[64];

	OK(mkdir(directory, 0777));
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/file-%d", directory, i);
		OK(close(open_new(name, O_WRONLY | O_EXCL)));
	}
}

/* The number in "file-N", or −1. */
static int number_of(const char *name)
{
	return strncmp(name, "file-", 5) ? -1 : atoi(name + 5);
}

static DIR *open_directory(const char *name)
{
	DIR *stream = opendir(name);

	HOLDS(stream != NULL);
	return stream;
}

CASE("2,000 entries are listed, each once")
{
	static int seen[MANY];
	DIR *stream;
	int count = 0;

	make_files("d", MANY);
	stream = open_directory("d");
	for (struct dirent *entry; (entry = readdir(stream));) {
		int number = number_of(entry->d_name);

		if (number < 0)
			continue;
		HOLDS(number < MANY);
		IS(1, ++seen[number]);
		count++;
	}
	closedir(stream);
	IS(MANY, count);
}

CASE("each entry is unlinked as it is read, and none is left")
{
	DIR *stream;
	int count = 0;

	make_files("d", SOME);
	stream = open_directory("d");
	for (struct dirent *entry; (entry = readdir(stream));) {
		if (number_of(entry->d_name) < 0)
			continue;
		OK(unlinkat(dirfd(stream), entry->d_name, 0));
		count++;
	}
	closedir(stream);
	IS(SOME, count);
	OK(rmdir("d"));
}

CASE("each entry is renamed as it is read: all are seen, and it ends")
{
	static int seen[SOME];
	DIR *stream;
	char name[64];
	int count = 0;

	make_files("d", SOME);
	stream = open_directory("d");
	for (struct dirent *entry; (entry = readdir(stream)); count++) {
		int number = number_of(entry->d_name);

		/* Those that have been renamed may come, or not. */
		HOLDS(count < 3 * SOME);
		if (number < 0)
			continue;
		IS(1, ++seen[number]);
		snprintf(name, sizeof(name), "renamed-%d", number);
		OK(renameat(dirfd(stream), entry->d_name, dirfd(stream), name));
	}
	closedir(stream);
	for (int i = 0; i < SOME; i++)
		IS(1, seen[i]);
	IS(SOME, count_entries("d"));
}

CASE("files are created while it is read: those that were there come once each, and it ends")
{
	static int seen[SOME];
	DIR *stream;
	char name[64];
	int created = 0;

	make_files("d", SOME);
	stream = open_directory("d");
	for (struct dirent *entry; (entry = readdir(stream));) {
		int number = number_of(entry->d_name);

		if (number < 0)
			continue;
		IS(1, ++seen[number]);
		snprintf(name, sizeof(name), "d/new-%d", created++);
		OK(close(open_new(name, O_WRONLY | O_EXCL)));
	}
	closedir(stream);
	for (int i = 0; i < SOME; i++)
		IS(1, seen[i]);
	IS(2 * SOME, count_entries("d"));
}

CASE("every second entry is unlinked before it is read: the others come once each")
{
	static int seen[SOME];
	DIR *stream;
	char name[64];

	make_files("d", SOME);
	stream = open_directory("d");
	HOLDS(readdir(stream) != NULL);
	for (int i = 0; i < SOME; i += 2) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		OK(unlink(name));
	}
	for (struct dirent *entry; (entry = readdir(stream));)
		if (number_of(entry->d_name) >= 0)
			seen[number_of(entry->d_name)]++;
	closedir(stream);
	for (int i = 1; i < SOME; i += 2)
		HOLDS(seen[i] <= 1);
	IS(SOME / 2, count_entries("d"));
	rewinddir(stream = open_directory("d"));
	for (struct dirent *entry; (entry = readdir(stream));)
		HOLDS(number_of(entry->d_name) % 2 != 0);
	closedir(stream);
}

CASE("rewinddir sees what is new and no more what is gone")
{
	DIR *stream;
	int fresh = 0, gone = 0;

	make_files("d", 10);
	stream = open_directory("d");
	while (readdir(stream))
		;
	write_file("d/fresh", "");
	OK(unlink("d/file-3"));
	rewinddir(stream);
	for (struct dirent *entry; (entry = readdir(stream));) {
		fresh += !strcmp(entry->d_name, "fresh");
		gone += !strcmp(entry->d_name, "file-3");
	}
	closedir(stream);
	IS(1, fresh);
	IS(0, gone);
}

CASE("what another process creates and removes is in the next listing")
{
	OK(mkdir("d", 0777));
	IS(0, count_entries("d"));
	IN_CHILD {
		write_file("d/a", "");
		write_file("d/b", "");
		OK(unlink("d/a"));
	}
	IS(1, count_entries("d"));
}

CASE("telldir and seekdir come back to every entry")
{
	static long places[SOME + 2];
	static char names[SOME + 2][32];
	DIR *stream;
	int count = 0;

	make_files("d", SOME);
	stream = open_directory("d");
	for (;;) {
		long place = telldir(stream);
		struct dirent *entry = readdir(stream);

		if (!entry)
			break;
		HOLDS(count < SOME + 2);
		places[count] = place;
		strcpy(names[count++], entry->d_name);
	}
	IS(SOME + 2, count);
	for (int i = count - 1; i >= 0; i -= 7) {
		seekdir(stream, places[i]);
		TEXT_IS(names[i], readdir(stream)->d_name);
	}
	closedir(stream);
}

CASE("two streams of one directory go on independently")
{
	DIR *a, *b;
	int count_a = 0, count_b = 0;

	make_files("d", 100);
	a = open_directory("d");
	b = open_directory("d");
	while (readdir(a)) {
		count_a++;
		if (count_a % 2)
			count_b += readdir(b) != NULL;
	}
	while (readdir(b))
		count_b++;
	IS(102, count_a);
	IS(102, count_b);
	closedir(a);
	closedir(b);
}

CASE("long names in great number: the listing takes many requests, and is whole")
{
	char name[256];
	DIR *stream;
	long sum = 0;

	OK(mkdir("d", 0777));
	OK(chdir("d"));
	for (int i = 0; i < 200; i++) {
		memset(name, 'n', 255);
		name[snprintf(name, 8, "%d", i)] = '-';
		name[255] = 0;
		write_file(name, "");
	}
	stream = open_directory(".");
	for (struct dirent *entry; (entry = readdir(stream));)
		if (entry->d_name[0] != '.') {
			IS(255, strlen(entry->d_name));
			sum += atoi(entry->d_name);
		}
	closedir(stream);
	IS(199 * 200 / 2, sum);
}

CASE("a directory that was removed while it is open lists nothing")
{
	DIR *stream;
	struct dirent *entry;

	OK(mkdir("d", 0777));
	stream = open_directory("d");
	OK(rmdir("d"));
	errno = 0;
	while ((entry = readdir(stream)))
		HOLDS(entry->d_name[0] == '.');
	HOLDS(errno == 0 || errno == ENOENT);
	closedir(stream);
}
