/* MKNOD: fifos, sockets and devices. What goes through them never meets the file system. */
#include "posix-cases.h"
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, name);
	return address;
}

static int listen_at(const char *name)
{
	struct sockaddr_un address = address_of(name);
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	OK(listen(fd, 1));
	return fd;
}

CASE("a fifo has its type and mode, and size 0")
{
	struct stat stat;

	OK(mkfifo("fifo", 0666));
	stat = lstat_of("fifo");
	IS(S_IFIFO | 0644, stat.st_mode);
	IS(0, stat.st_size);
	IS(1, stat.st_nlink);
	FAILS(EEXIST, mkfifo("fifo", 0666));
}

CASE("a fifo carries bytes between processes")
{
	char bytes[16];
	int fd;

	OK(mkfifo("fifo", 0666));
	pid_t child = start_child();
	if (!child) {
		fd = OK(open("fifo", O_WRONLY));
		IS(5, write(fd, "hello", 5));
		end_child(0);
	}
	fd = OK(open("fifo", O_RDONLY));
	IS(5, read(fd, bytes, sizeof(bytes)));
	BYTES_ARE("hello", bytes, 5);
	IS(0, read(fd, bytes, sizeof(bytes)));
	end_child(child);
}

CASE("a fifo nobody reads is ENXIO for a writer that does not wait")
{
	OK(mkfifo("fifo", 0666));
	FAILS(ENXIO, open("fifo", O_WRONLY | O_NONBLOCK));
}

CASE("a fifo that is renamed stays a fifo, and is removed")
{
	OK(mkfifo("fifo", 0666));
	OK(rename("fifo", "other"));
	HOLDS(S_ISFIFO(lstat_of("other").st_mode));
	OK(unlink("other"));
	HOLDS(!exists("other"));
}

CASE("character and block devices keep their numbers")
{
	struct stat stat;

	OK(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
	OK(mknod("disk", S_IFBLK | 0600, makedev(259, 0x12345)));
	OK(mknod("large", S_IFCHR | 0600, makedev(4095, 0xfffff)));
	stat = lstat_of("null");
	IS(S_IFCHR | 0644, stat.st_mode);
	IS(makedev(1, 3), stat.st_rdev);
	stat = lstat_of("disk");
	IS(S_IFBLK | 0600, stat.st_mode);
	IS(makedev(259, 0x12345), stat.st_rdev);
	IS(makedev(4095, 0xfffff), lstat_of("large").st_rdev);
}

CASE("devices keep their numbers through chmod, rename and link")
{
	OK(mknod("a", S_IFCHR | 0600, makedev(1, 5)));
	OK(chmod("a", 0640));
	OK(link("a", "b"));
	OK(rename("a", "c"));
	IS(makedev(1, 5), lstat_of("b").st_rdev);
	IS(makedev(1, 5), lstat_of("c").st_rdev);
	IS(S_IFCHR | 0640, lstat_of("c").st_mode);
}

CASE("mknod makes regular files too, and devices only for root")
{
	OK(mknod("file", S_IFREG | 0640, 0));
	IS(S_IFREG | 0640, lstat_of("file").st_mode);
	IS(0, lstat_of("file").st_size);
	write_file("file", "text");
	FILE_IS("text", "file");
	OK(chmod(".", 0777));
	AS_USER(ALICE) {
		FAILS(EPERM, mknod("device", S_IFCHR | 0600, makedev(1, 3)));
		OK(mkfifo("fifo", 0600));
	}
}

CASE("a socket is bound to a name and connects")
{
	struct sockaddr_un address = address_of("socket");
	char bytes[8];
	int server = listen_at("socket"), client, peer;

	HOLDS(S_ISSOCK(lstat_of("socket").st_mode));
	client = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	OK(connect(client, (struct sockaddr *)&address, sizeof(address)));
	peer = OK(accept(server, NULL, NULL));
	IS(4, write(client, "ping", 4));
	IS(4, read(peer, bytes, sizeof(bytes)));
	BYTES_ARE("ping", bytes, 4);
}

CASE("a socket's name is taken for others, and connects after a rename")
{
	struct sockaddr_un address = address_of("socket"), renamed = address_of("renamed");
	int server = listen_at("socket"), other = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	FAILS(EADDRINUSE, bind(other, (struct sockaddr *)&address, sizeof(address)));
	FAILS(ENXIO, open("socket", O_RDONLY));
	OK(rename("socket", "renamed"));
	OK(connect(other, (struct sockaddr *)&renamed, sizeof(renamed)));
	OK(close(server));
	OK(unlink("renamed"));
}

CASE("a socket nobody listens at is ECONNREFUSED, a removed one ENOENT")
{
	struct sockaddr_un address = address_of("socket");
	int client = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	OK(close(listen_at("socket")));
	FAILS(ECONNREFUSED, connect(client, (struct sockaddr *)&address, sizeof(address)));
	OK(unlink("socket"));
	FAILS(ENOENT, connect(client, (struct sockaddr *)&address, sizeof(address)));
}
