/* IOCTL. */
#include "posix-cases.h"
#include <linux/fs.h>
#include <sys/ioctl.h>

/* Of no driver. */
#define UNKNOWN_REQUEST _IOR('~', 250, int)

CASE("FS_IOC_GETFLAGS succeeds, for files and directories")
{
	int flags = 0, file = open_new("file", O_RDONLY), directory;

	OK(mkdir("directory", 0777));
	directory = OK(open("directory", O_RDONLY));
	OK(ioctl(file, FS_IOC_GETFLAGS, &flags));
	IS(0, flags & (FS_IMMUTABLE_FL | FS_APPEND_FL));
	OK(ioctl(directory, FS_IOC_GETFLAGS, &flags));
	IS(0, flags & (FS_IMMUTABLE_FL | FS_APPEND_FL));
}

CASE("an unknown request is ENOTTY, for files and directories")
{
	int value = 0, file = open_new("file", O_RDWR), directory = OK(open(".", O_RDONLY));

	FAILS(ENOTTY, ioctl(file, UNKNOWN_REQUEST, &value));
	FAILS(ENOTTY, ioctl(directory, UNKNOWN_REQUEST, &value));
	FAILS(ENOTTY, ioctl(file, TCGETS, &value));
	HOLDS(!isatty(file));
}

CASE("FIONREAD tells what is left to read, FIOCLEX is the kernel's")
{
	int left = 0, fd = open_new("file", O_RDWR);

	IS(10, write(fd, "0123456789", 10));
	OK(lseek(fd, 4, SEEK_SET));
	OK(ioctl(fd, FIONREAD, &left));
	IS(6, left);
	OK(ioctl(fd, FIOCLEX));
	IS(FD_CLOEXEC, OK(fcntl(fd, F_GETFD)));
}
