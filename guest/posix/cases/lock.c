/* FLOCK: locks of an open file, between processes. */
#include "posix-cases.h"
#include <signal.h>
#include <sys/file.h>

/* What another process, with a descriptor of its own, gets for `operation` without waiting: 0 or the errno. */
static int others_get(int operation)
{
	int result = 0, ends[2];

	OK(pipe(ends));
	IN_CHILD {
		int fd = OK(open("file", O_RDWR));

		if (flock(fd, operation | LOCK_NB))
			result = errno;
		IS(sizeof(result), write(ends[1], &result, sizeof(result)));
	}
	IS(sizeof(result), read(ends[0], &result, sizeof(result)));
	OK(close(ends[0]));
	OK(close(ends[1]));
	return result;
}

CASE("an exclusive lock keeps all others out: EWOULDBLOCK")
{
	int fd = open_new("file", O_RDWR);

	OK(flock(fd, LOCK_EX));
	IS(EWOULDBLOCK, others_get(LOCK_EX));
	IS(EWOULDBLOCK, others_get(LOCK_SH));
	OK(flock(fd, LOCK_UN));
	IS(0, others_get(LOCK_EX));
}

CASE("a shared lock keeps exclusive ones out only")
{
	int fd = open_new("file", O_RDWR);

	OK(flock(fd, LOCK_SH));
	IS(0, others_get(LOCK_SH));
	IS(EWOULDBLOCK, others_get(LOCK_EX));
	OK(flock(fd, LOCK_EX));
	IS(EWOULDBLOCK, others_get(LOCK_SH));
}

CASE("two descriptors of one process exclude each other too, duplicates do not")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR)), copy = OK(dup(fd));

	OK(flock(fd, LOCK_EX));
	FAILS(EWOULDBLOCK, flock(other, LOCK_EX | LOCK_NB));
	OK(flock(copy, LOCK_EX | LOCK_NB));
	OK(close(fd));
	IS(EWOULDBLOCK, others_get(LOCK_EX));
	OK(close(copy));
	IS(0, others_get(LOCK_EX));
}

CASE("it is released at the exit of its process, also at a violent one")
{
	struct gate locked = make_gate();
	pid_t child;

	write_file("file", "");
	child = start_child();
	if (!child) {
		OK(flock(OK(open("file", O_RDWR)), LOCK_EX));
		open_gate(locked);
		pause();
	}
	wait_at(locked);
	IS(EWOULDBLOCK, others_get(LOCK_EX));
	OK(kill(child, SIGKILL));
	OK(flock(OK(open("file", O_RDWR)), LOCK_EX));
}

CASE("who waits for it gets it when it is released")
{
	struct gate starts = make_gate();
	int fd = open_new("file", O_RDWR);
	pid_t child;

	OK(flock(fd, LOCK_EX));
	child = start_child();
	if (!child) {
		int own = OK(open("file", O_RDWR));

		OK(close(fd));
		open_gate(starts);
		OK(flock(own, LOCK_EX));
		FILE_IS("released", "file");
		end_child(0);
	}
	wait_at(starts);
	let_time_pass();
	IS(8, pwrite(fd, "released", 8, 0));
	OK(flock(fd, LOCK_UN));
	end_child(child);
}

static void on_alarm(int number)
{
	(void)number;
}

CASE("a signal interrupts the wait: EINTR")
{
	struct sigaction action = { .sa_handler = on_alarm };
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR));

	OK(flock(fd, LOCK_EX));
	OK(sigaction(SIGALRM, &action, NULL));
	ualarm(50 * 1000, 0);
	FAILS(EINTR, flock(other, LOCK_EX));
}

CASE("it works on a read-only descriptor, on a directory and on a removed file")
{
	int fd = open_new("file", O_RDONLY), again = OK(open("file", O_RDONLY)), directory = OK(open(".", O_RDONLY));

	OK(flock(directory, LOCK_EX));
	FAILS(EWOULDBLOCK, flock(OK(open(".", O_RDONLY)), LOCK_SH | LOCK_NB));
	OK(unlink("file"));
	OK(flock(fd, LOCK_EX));
	FAILS(EWOULDBLOCK, flock(again, LOCK_SH | LOCK_NB));
	FAILS(EINVAL, flock(fd, 0));
}
