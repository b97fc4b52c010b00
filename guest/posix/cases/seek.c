/* LSEEK: SEEK_DATA and SEEK_HOLE. A file system may take a whole file for data. */
#include "posix-cases.h"

enum { MIB = 1 << 20 };

/* Two bytes of data, a MiB apart from start and each other, and a hole behind them. */
static int open_sparse(void)
{
	int fd = open_new("file", O_RDWR);

	IS(1, pwrite(fd, "a", 1, MIB));
	IS(1, pwrite(fd, "b", 1, 2 * MIB));
	OK(ftruncate(fd, 3 * MIB));
	return fd;
}

CASE("lseek sets, adds, and counts from the end")
{
	int fd = open_new("file", O_RDWR);

	IS(10, write(fd, "0123456789", 10));
	IS(10, OK(lseek(fd, 0, SEEK_CUR)));
	IS(3, OK(lseek(fd, 3, SEEK_SET)));
	IS(5, OK(lseek(fd, 2, SEEK_CUR)));
	IS(8, OK(lseek(fd, -2, SEEK_END)));
	IS(100, OK(lseek(fd, 90, SEEK_END)));
	FAILS(EINVAL, lseek(fd, -1, SEEK_SET));
	FAILS(EINVAL, lseek(fd, 0, 99));
	IS(100, OK(lseek(fd, 0, SEEK_CUR)));
}

CASE("SEEK_END knows what another descriptor has written")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR));

	IS(0, OK(lseek(fd, 0, SEEK_END)));
	IS(7, pwrite(other, "1234567", 7, 0));
	IS(7, OK(lseek(fd, 0, SEEK_END)));
	OK(ftruncate(other, 2));
	IS(2, OK(lseek(fd, 0, SEEK_END)));
}

CASE("in data, SEEK_DATA stays and SEEK_HOLE finds the end")
{
	char bytes[8192];
	int fd = open_new("file", O_RDWR);

	memset(bytes, 'x', sizeof(bytes));
	IS(sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	IS(0, OK(lseek(fd, 0, SEEK_DATA)));
	IS(5000, OK(lseek(fd, 5000, SEEK_DATA)));
	IS(8192, OK(lseek(fd, 0, SEEK_HOLE)));
	IS(8192, OK(lseek(fd, 8191, SEEK_HOLE)));
}

CASE("from the end on, both are ENXIO")
{
	int fd = open_new("file", O_RDWR);

	FAILS(ENXIO, lseek(fd, 0, SEEK_DATA));
	FAILS(ENXIO, lseek(fd, 0, SEEK_HOLE));
	IS(3, write(fd, "abc", 3));
	FAILS(ENXIO, lseek(fd, 3, SEEK_DATA));
	FAILS(ENXIO, lseek(fd, 3, SEEK_HOLE));
	FAILS(ENXIO, lseek(fd, 1000000, SEEK_DATA));
	FAILS(ENXIO, lseek(fd, -1, SEEK_DATA));
}

CASE("data and holes in turn make up the file, and outside the data all is zero")
{
	static unsigned char bytes[65536];
	int fd = open_sparse();
	off_t at = 0, size = 3 * MIB, data, hole;

	while (at < size) {
		data = lseek(fd, at, SEEK_DATA);
		if (data == -1) {
			IS(ENXIO, errno);
			data = size;
		}
		HOLDS(data >= at && data <= size);
		for (off_t i = at; i < data; i += sizeof(bytes)) {
			size_t length = data - i < (off_t)sizeof(bytes) ? data - i : (off_t)sizeof(bytes);

			IS(length, pread(fd, bytes, length, i));
			ARE_ZERO(bytes, length);
		}
		/* The two written bytes are never in a hole. */
		HOLDS(!(at <= MIB && data > MIB));
		HOLDS(!(at <= 2 * MIB && data > 2 * MIB));
		if (data == size)
			break;
		hole = OK(lseek(fd, data, SEEK_HOLE));
		HOLDS(hole > data && hole <= size);
		at = hole;
	}
}

CASE("from inside a hole, SEEK_DATA finds the next data, which reads back right")
{
	int fd = open_sparse();
	off_t data = OK(lseek(fd, 10, SEEK_DATA));
	char byte;

	HOLDS(data >= 10 && data <= MIB);
	IS(1, pread(fd, &byte, 1, MIB));
	IS('a', byte);
	data = OK(lseek(fd, MIB + 100000, SEEK_DATA));
	HOLDS(data >= MIB + 100000 && data <= 2 * MIB);
	HOLDS(OK(lseek(fd, 0, SEEK_HOLE)) <= 3 * MIB);
}

CASE("a hole in the file is one for SEEK_HOLE, or none is before the end")
{
	int fd = open_sparse();
	off_t hole = OK(lseek(fd, 0, SEEK_HOLE)), data = OK(lseek(fd, 0, SEEK_DATA));

	/* All is data, or the hole at the start is found by both. */
	if (hole == 3 * MIB)
		IS(0, data);
	else
		HOLDS(hole == 0 && data > 0);
}

CASE("data that was just written is data, before any fsync")
{
	int fd = open_new("file", O_RDWR);

	OK(ftruncate(fd, MIB));
	IS(1, pwrite(fd, "x", 1, MIB / 2));
	HOLDS(OK(lseek(fd, 0, SEEK_DATA)) <= MIB / 2);
	IS(MIB / 2, OK(lseek(fd, MIB / 2, SEEK_DATA)));
	OK(fsync(fd));
	IS(MIB / 2, OK(lseek(fd, MIB / 2, SEEK_DATA)));
}

CASE("past 4 GiB")
{
	int fd = open_new("file", O_RDWR);
	off_t far = 5LL << 30;

	IS(3, pwrite(fd, "far", 3, far));
	IS(far, OK(lseek(fd, far, SEEK_DATA)));
	IS(far + 3, OK(lseek(fd, far, SEEK_HOLE)));
	HOLDS(OK(lseek(fd, 1, SEEK_DATA)) <= far);
	IS(far + 3, OK(lseek(fd, 0, SEEK_END)));
}
