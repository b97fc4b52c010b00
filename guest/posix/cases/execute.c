/* Programs on the file system. */
#include "posix-cases.h"
#include <sys/wait.h>

enum { PROGRAM_STATUS = 42 };

/* This program, which `--program` makes wait for the end of its input. */
static void copy_program(const char *name)
{
	char bytes[65536];
	int from = OK(open("/proc/self/exe", O_RDONLY)), to = OK(open(name, O_CREAT | O_WRONLY, 0755));
	ssize_t length;

	while ((length = OK(read(from, bytes, sizeof(bytes)))) > 0)
		IS(length, write(to, bytes, length));
	OK(close(from));
	OK(close(to));
}

static void expect_status(int expected, pid_t child)
{
	int status;

	OK(waitpid(child, &status, 0));
	HOLDS(WIFEXITED(status));
	IS(expected, WEXITSTATUS(status));
}

/* Runs it with an input that has ended. */
static void run(const char *name, int expected)
{
	pid_t child = start_child();

	if (!child) {
		OK(dup2(OK(open("/dev/null", O_RDONLY)), 0));
		OK(execl(name, name, "--program", NULL));
	}
	expect_status(expected, child);
}

CASE("a program runs")
{
	copy_program("program");
	run("./program", PROGRAM_STATUS);
}

CASE("a program runs after fsync, a rename, and by another link")
{
	copy_program("program");
	OK(close(OK(open("program", O_RDONLY))));
	sync();
	OK(rename("program", "renamed"));
	run("./renamed", PROGRAM_STATUS);
	OK(symlink("renamed", "link"));
	run("./link", PROGRAM_STATUS);
}

CASE("a script runs by its interpreter")
{
	write_file("script", "#!/bin/sh\nexit 7\n");
	OK(chmod("script", 0755));
	run("./script", 7);
}

CASE("a program that is removed while it runs goes on")
{
	int input[2];
	pid_t child;

	copy_program("program");
	OK(pipe2(input, O_CLOEXEC));
	child = start_child();
	if (!child) {
		OK(dup2(input[0], 0));
		OK(execl("./program", "program", "--program", NULL));
	}
	let_time_pass();
	OK(unlink("program"));
	OK(close(input[1]));
	expect_status(PROGRAM_STATUS, child);
}

CASE("a program that is open for writing is ETXTBSY")
{
	int fd;

	copy_program("program");
	fd = OK(open("program", O_WRONLY));
	FAILS(ETXTBSY, execl("./program", "program", "--program", NULL));
	OK(close(fd));
	run("./program", PROGRAM_STATUS);
}

CASE("a running program is ETXTBSY for writers, and can be replaced")
{
	int input[2], tells[2];
	char byte;
	pid_t child;

	copy_program("program");
	OK(pipe2(input, O_CLOEXEC));
	OK(pipe2(tells, O_CLOEXEC));
	child = start_child();
	if (!child) {
		OK(dup2(input[0], 0));
		OK(execl("./program", "program", "--program", NULL));
	}
	OK(close(tells[1]));
	/* The end of file: execve has closed it. */
	IS(0, read(tells[0], &byte, 1));
	FAILS(ETXTBSY, open("program", O_WRONLY));
	FAILS(ETXTBSY, truncate("program", 0));
	write_file("next", "next");
	OK(rename("next", "program"));
	FILE_IS("next", "program");
	OK(close(input[1]));
	expect_status(PROGRAM_STATUS, child);
	HOLDS(exists("program"));
}

CASE("a directory and a file of rubbish are no programs")
{
	OK(mkdir("directory", 0755));
	FAILS(EACCES, execl("./directory", "directory", NULL));
	write_file("rubbish", "\001\002\003\004");
	OK(chmod("rubbish", 0755));
	FAILS(ENOEXEC, execl("./rubbish", "rubbish", NULL));
}
