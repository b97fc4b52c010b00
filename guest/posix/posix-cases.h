/*
 * What a case is written with. A case runs in a process and an empty directory of its own, as root, with umask 022 and that
 * directory as its working directory; the first check that does not hold ends it.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct posix_case {
	const char *theme; /* the source file */
	const char *title; /* what holds, in words */
	void (*run)(void);
} __attribute__((aligned(sizeof(void *))));

/* Adds a case to the one table, which the linker makes of the section `cases`: CASE("what holds") { ... } */
#define CASE(title) CASE_AT(__LINE__, title)
#define CASE_AT(line, title) CASE_NAMED(line, title)
#define CASE_NAMED(line, title)                                                       \
	static void case_##line(void);                                                    \
	static const struct posix_case entry_##line __attribute__((section("cases"), used)) = { __FILE_NAME__, title, case_##line }; \
	static void case_##line(void)

/* Checks (check.c). What a check compares comes last, what is expected first. */

/* The call succeeds; its value. */
#define OK(call) succeeded(HERE, #call, (errno = 0, (long long)(call)))
/* The call fails with this errno. */
#define FAILS(error, call) failed_with(HERE, #call, error, (errno = 0, (long long)(call)))
#define HOLDS(condition) holds(HERE, #condition, !!(condition))
#define IS(expected, value) is(HERE, #value, expected, value)
#define TEXT_IS(expected, value) text_is(HERE, #value, expected, value)
#define BYTES_ARE(expected, value, length) bytes_are(HERE, #value, expected, value, length)
#define ARE_ZERO(value, length) are_zero(HERE, #value, value, length)
#define FAIL(...) fail(HERE, __VA_ARGS__)
#define HERE (struct place){ __FILE_NAME__, __LINE__ }

struct place {
	const char *file;
	int line;
};

void fail(struct place, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
long long succeeded(struct place, const char *call, long long result);
void failed_with(struct place, const char *call, int error, long long result);
void holds(struct place, const char *condition, int value);
void is(struct place, const char *what, long long expected, long long value);
void text_is(struct place, const char *what, const char *expected, const char *value);
void bytes_are(struct place, const char *what, const void *expected, const void *value, size_t length);
void are_zero(struct place, const char *what, const void *value, size_t length);

/* Other processes (process.c). What fails in one fails the case. */

/* A child runs the block and ends; the case goes on when it has. */
#define IN_CHILD CHILD_OF(start_child())
/* The same without privileges, as user and group `id`. */
#define AS_USER(id) CHILD_OF(start_user(id))
#define CHILD_OF(start) for (pid_t child = (start), more = 1; more; more = 0, end_child(child)) if (!child)

enum { ALICE = 1000, BOB = 1001 };

pid_t start_child(void);
pid_t start_user(unsigned id);
/* In the child, with 0: ends it well. In its parent: waits until it has ended well. */
void end_child(pid_t);
/* Sleeps so long that every clock a file system may use for its times has gone on. */
void let_time_pass(void);

/* One process waits until another opens the gate. */
struct gate {
	int ends[2];
};
struct gate make_gate(void);
void open_gate(struct gate);
void wait_at(struct gate);

/* Files (files.c). What these do has to succeed. */

/* Opens it with O_CREAT, mode 0666. */
int open_new(const char *name, int flags);
void write_file(const char *name, const char *text);
/* The file holds this text and nothing else. */
#define FILE_IS(text, name) file_is(HERE, text, name)
void file_is(struct place, const char *text, const char *name);
/* The text behind the descriptor, from its start. */
const char *text_of(int fd);
struct stat lstat_of(const char *name);
struct stat fstat_of(int fd);
int exists(const char *name);
/* −1, 0 or 1 as the first time is before, at or after the second. */
int compare_times(struct timespec, struct timespec);
int count_entries(const char *directory);
/* Bytes that differ from place to place, for `length` bytes of a file from `offset` on. */
void pattern(unsigned char *bytes, size_t length, unsigned long long offset);
/* Saves everything, and makes the kernel forget whatever is not in use. */
void drop_caches(void);
/* Whether the tests run on FUSE, as the list of mounts says. */
int on_fuse(void);
/* Removes a directory and all below it. 0, or −1 and errno. */
int remove_tree(int parent, const char *name);
