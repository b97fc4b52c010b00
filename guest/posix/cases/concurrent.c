/* Several processes at once. */
#include "posix-cases.h"

enum { PROCESSES = 4, ROUNDS = 24 };

/* Each of the processes runs `work` with its number. */
static void in_parallel(void (*work)(int number))
{
	pid_t children[PROCESSES];

	for (int i = 0; i < PROCESSES; i++) {
		children[i] = start_child();
		if (!children[i]) {
			work(i);
			end_child(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		end_child(children[i]);
}

static void append_lines(int number)
{
	char line[16];
	int fd = open_new("log", O_WRONLY | O_APPEND);

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(line, sizeof(line), "%d:%03d\n", number, i);
		IS(6, write(fd, line, 6));
	}
	OK(close(fd));
}

CASE("several append to one file: no line is lost or torn, each one's are in order")
{
	static char text[PROCESSES * ROUNDS * 6 + 1];
	int next[PROCESSES] = { 0 }, fd;

	in_parallel(append_lines);
	fd = OK(open("log", O_RDONLY));
	IS(PROCESSES * ROUNDS * 6, read(fd, text, sizeof(text)));
	for (char *line = text; *line; line += 6) {
		int number = line[0] - '0';

		HOLDS(number >= 0 && number < PROCESSES && line[1] == ':' && line[5] == '\n');
		IS(next[number]++, atoi(line + 2));
	}
}

static void write_slots(int number)
{
	unsigned char block[1000];
	int fd = open_new("file", O_WRONLY);

	for (int i = 0; i < ROUNDS; i++) {
		off_t at = (i * PROCESSES + number) * (off_t)sizeof(block);

		pattern(block, sizeof(block), at);
		IS(sizeof(block), pwrite(fd, block, sizeof(block), at));
	}
	OK(close(fd));
}

CASE("several write parts of one file: its size and content are right in the end")
{
	static unsigned char expected[PROCESSES * ROUNDS * 1000], got[sizeof(expected) + 1];
	int fd;

	in_parallel(write_slots);
	IS(sizeof(expected), lstat_of("file").st_size);
	fd = OK(open("file", O_RDONLY));
	pattern(expected, sizeof(expected), 0);
	IS(sizeof(expected), read(fd, got, sizeof(got)));
	BYTES_ARE(expected, got, sizeof(expected));
}

static void make_and_remove(int number)
{
	char name[32], other[32];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "d/%d-%d", number, i);
		snprintf(other, sizeof(other), "e/%d-%d", number, i);
		write_file(name, name);
		OK(rename(name, other));
		FILE_IS(name, other);
		if (i % 2)
			OK(unlink(other));
	}
}

CASE("several create, rename and remove in the same directories")
{
	OK(mkdir("d", 0777));
	OK(mkdir("e", 0777));
	in_parallel(make_and_remove);
	IS(0, count_entries("d"));
	IS(PROCESSES * ROUNDS / 2, count_entries("e"));
}

static void replace_file(int number)
{
	char name[8], text[64];

	snprintf(name, sizeof(name), "tmp%d", number);
	memset(text, 'a' + number, 60);
	text[60] = 0;
	for (int i = 0; i < ROUNDS; i++) {
		const char *seen;
		int fd;

		write_file(name, text);
		OK(rename(name, "file"));
		fd = OK(open("file", O_RDONLY));
		seen = text_of(fd);
		IS(60, strlen(seen));
		for (int j = 0; j < 60; j++)
			IS(seen[0], seen[j]);
		OK(close(fd));
	}
}

CASE("several replace one file by rename: it is always there, and always whole")
{
	in_parallel(replace_file);
	IS(1, count_entries("."));
	IS(60, lstat_of("file").st_size);
}

static void race_for_names(int number)
{
	for (int i = 0; i < ROUNDS; i++) {
		int fd = open("prize", O_CREAT | O_EXCL | O_WRONLY, 0666);

		if (fd < 0) {
			IS(EEXIST, errno);
			continue;
		}
		IS(1, write(fd, "x", 1));
		OK(close(fd));
		append_lines(number);
		OK(unlink("prize"));
	}
}

CASE("a file made with O_EXCL is a lock: whoever has it is alone, and gives it back")
{
	struct stat stat;

	in_parallel(race_for_names);
	HOLDS(!exists("prize"));
	stat = lstat_of("log");
	HOLDS(stat.st_size > 0);
	IS(0, stat.st_size % (ROUNDS * 6));
}

static void walk(int number)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (number == 0) {
			OK(rename(i % 2 ? "tree-b" : "tree-a", i % 2 ? "tree-a" : "tree-b"));
		} else {
			int fd = open(number % 2 ? "tree-a/x/y/file" : "tree-b/x/y/file", O_RDONLY);

			if (fd < 0)
				IS(ENOENT, errno);
			else
				TEXT_IS("text", text_of(fd));
			close(fd);
		}
	}
}

CASE("a tree is renamed back and forth while others look into it: they find it, or ENOENT")
{
	OK(mkdir("tree-a", 0777));
	OK(mkdir("tree-a/x", 0777));
	OK(mkdir("tree-a/x/y", 0777));
	write_file("tree-a/x/y/file", "text");
	in_parallel(walk);
	FILE_IS("text", "tree-a/x/y/file");
}
