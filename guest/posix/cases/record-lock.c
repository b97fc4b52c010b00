/* SETLK, SETLKW, GETLK: POSIX locks of ranges, and those of open files (OFD). */
#include "posix-cases.h"

static int set_lock(int fd, int command, short type, off_t start, off_t length)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	return fcntl(fd, command, &lock);
}

/* What is in the way of an exclusive lock. */
static struct flock conflict(int fd, int command, off_t start, off_t length)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

	OK(fcntl(fd, command, &lock));
	return lock;
}

CASE("ranges exclude each other where they meet, and F_GETLK tells whose they are")
{
	int fd = open_new("file", O_RDWR);
	pid_t self = getpid();

	OK(set_lock(fd, F_SETLK, F_WRLCK, 10, 10));
	IN_CHILD {
		int own = OK(open("file", O_RDWR));
		struct flock found = conflict(own, F_GETLK, 0, 0);

		IS(F_WRLCK, found.l_type);
		IS(self, found.l_pid);
		IS(10, found.l_start);
		IS(10, found.l_len);
		FAILS(EAGAIN, set_lock(own, F_SETLK, F_WRLCK, 15, 1));
		FAILS(EAGAIN, set_lock(own, F_SETLK, F_RDLCK, 0, 11));
		OK(set_lock(own, F_SETLK, F_WRLCK, 0, 10));
		OK(set_lock(own, F_SETLK, F_WRLCK, 20, 0));
		IS(F_UNLCK, conflict(own, F_GETLK, 20, 5).l_type);
	}
}

CASE("shared locks meet, exclusive ones do not")
{
	int fd = open_new("file", O_RDWR);

	OK(set_lock(fd, F_SETLK, F_RDLCK, 0, 100));
	IN_CHILD {
		int own = OK(open("file", O_RDWR));

		OK(set_lock(own, F_SETLK, F_RDLCK, 50, 100));
		FAILS(EAGAIN, set_lock(own, F_SETLK, F_WRLCK, 50, 100));
		OK(set_lock(own, F_SETLK, F_WRLCK, 100, 50));
	}
}

CASE("the middle of a range is unlocked, and both ends stay")
{
	int fd = open_new("file", O_RDWR);

	OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 30));
	OK(set_lock(fd, F_SETLK, F_UNLCK, 10, 10));
	IN_CHILD {
		int own = OK(open("file", O_RDWR));

		OK(set_lock(own, F_SETLK, F_WRLCK, 10, 10));
		FAILS(EAGAIN, set_lock(own, F_SETLK, F_WRLCK, 9, 1));
		FAILS(EAGAIN, set_lock(own, F_SETLK, F_WRLCK, 20, 1));
	}
}

CASE("a process has no conflict with itself, and loses all locks when it closes any descriptor")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR));

	OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 0));
	OK(set_lock(other, F_SETLK, F_WRLCK, 5, 5));
	OK(close(other));
	IN_CHILD {
		OK(set_lock(OK(open("file", O_RDWR)), F_SETLK, F_WRLCK, 0, 0));
	}
}

CASE("they are not inherited, and end with their process")
{
	int fd = open_new("file", O_RDWR);

	OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 10));
	IN_CHILD {
		FAILS(EAGAIN, set_lock(fd, F_SETLK, F_WRLCK, 0, 10));
		OK(set_lock(fd, F_SETLK, F_WRLCK, 20, 10));
	}
	OK(set_lock(fd, F_SETLK, F_WRLCK, 20, 10));
}

CASE("F_SETLKW wakes when the range is free")
{
	struct gate starts = make_gate();
	int fd = open_new("file", O_RDWR);
	pid_t child;

	OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 10));
	child = start_child();
	if (!child) {
		int own = OK(open("file", O_RDWR));

		open_gate(starts);
		OK(set_lock(own, F_SETLKW, F_WRLCK, 5, 10));
		FILE_IS("free", "file");
		end_child(0);
	}
	wait_at(starts);
	let_time_pass();
	IS(4, pwrite(fd, "free", 4, 0));
	OK(set_lock(fd, F_SETLK, F_UNLCK, 0, 10));
	end_child(child);
}

CASE("two that wait for each other: EDEADLK for one")
{
	struct gate locked = make_gate();
	int fd = open_new("file", O_RDWR);
	pid_t child;

	OK(set_lock(fd, F_SETLK, F_WRLCK, 0, 1));
	child = start_child();
	if (!child) {
		int own = OK(open("file", O_RDWR));

		OK(set_lock(own, F_SETLK, F_WRLCK, 1, 1));
		open_gate(locked);
		OK(set_lock(own, F_SETLKW, F_WRLCK, 0, 1));
		end_child(0);
	}
	wait_at(locked);
	/* Until it waits. */
	for (int i = 0; i < 10; i++)
		let_time_pass();
	FAILS(EDEADLK, set_lock(fd, F_SETLKW, F_WRLCK, 1, 1));
	OK(set_lock(fd, F_SETLK, F_UNLCK, 0, 1));
	end_child(child);
}

CASE("a lock wants a descriptor of its direction, and a range that starts in the file")
{
	int writes = open_new("file", O_WRONLY), reads = OK(open("file", O_RDONLY));

	FAILS(EBADF, set_lock(reads, F_SETLK, F_WRLCK, 0, 1));
	FAILS(EBADF, set_lock(writes, F_SETLK, F_RDLCK, 0, 1));
	FAILS(EINVAL, set_lock(writes, F_SETLK, F_WRLCK, -1, 1));
	FAILS(EINVAL, set_lock(writes, F_SETLK, 99, 0, 1));
	OK(set_lock(writes, F_SETLK, F_WRLCK, 5LL << 32, 1));
}

CASE("OFD locks belong to the open file: two of one process exclude each other")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR)), third;

	OK(set_lock(fd, F_OFD_SETLK, F_WRLCK, 0, 10));
	FAILS(EAGAIN, set_lock(other, F_OFD_SETLK, F_WRLCK, 5, 1));
	FAILS(EAGAIN, set_lock(other, F_SETLK, F_WRLCK, 5, 1));
	IS(-1, conflict(other, F_OFD_GETLK, 0, 0).l_pid);
	OK(set_lock(other, F_OFD_SETLK, F_WRLCK, 10, 10));
	third = OK(open("file", O_RDWR));
	OK(close(third));
	FAILS(EAGAIN, set_lock(other, F_OFD_SETLK, F_WRLCK, 5, 1));
	OK(close(fd));
	OK(set_lock(other, F_OFD_SETLK, F_WRLCK, 5, 1));
}

CASE("OFD locks are inherited, and last until the last descriptor is closed")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR));
	struct gate goes = make_gate();
	pid_t child;

	OK(set_lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0));
	child = start_child();
	if (!child) {
		OK(set_lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0));
		wait_at(goes);
		end_child(0);
	}
	OK(close(fd));
	FAILS(EAGAIN, set_lock(other, F_OFD_SETLK, F_WRLCK, 0, 1));
	open_gate(goes);
	OK(set_lock(other, F_OFD_SETLKW, F_WRLCK, 0, 1));
	end_child(child);
}

CASE("a removed file's locks work on")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR));

	OK(unlink("file"));
	OK(set_lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0));
	FAILS(EAGAIN, set_lock(other, F_OFD_SETLK, F_RDLCK, 0, 1));
}
