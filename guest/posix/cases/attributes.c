/* SETATTR: mode, owner and size. */
#include "posix-cases.h"

CASE("chmod sets all twelve bits, and keeps the type")
{
	static const mode_t modes[] = { 0, 0111, 0444, 0600, 0644, 0777, 01777, 02755, 04755, 07777 };

	write_file("file", "");
	OK(mkdir("directory", 0777));
	for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		OK(chmod("file", modes[i]));
		OK(chmod("directory", modes[i]));
		IS(S_IFREG | modes[i], lstat_of("file").st_mode);
		IS(S_IFDIR | modes[i], lstat_of("directory").st_mode);
	}
}

CASE("fchmod works on a descriptor of a file, of a directory and of a removed file")
{
	int file = open_new("file", O_RDONLY), directory;

	OK(mkdir("directory", 0777));
	directory = OK(open("directory", O_RDONLY));
	OK(fchmod(file, 0640));
	OK(fchmod(directory, 0710));
	IS(S_IFREG | 0640, lstat_of("file").st_mode);
	IS(S_IFDIR | 0710, lstat_of("directory").st_mode);
	OK(unlink("file"));
	OK(fchmod(file, 0604));
	IS(S_IFREG | 0604, fstat_of(file).st_mode);
}

CASE("chmod goes through a symbolic link")
{
	write_file("file", "");
	OK(symlink("file", "link"));
	OK(chmod("link", 0600));
	IS(S_IFREG | 0600, lstat_of("file").st_mode);
	HOLDS(S_ISLNK(lstat_of("link").st_mode));
}

CASE("chmod by somebody else than the owner is EPERM")
{
	write_file("file", "");
	AS_USER(ALICE) {
		FAILS(EPERM, chmod("file", 0777));
	}
	OK(chown("file", ALICE, ALICE));
	AS_USER(ALICE) {
		OK(chmod("file", 0600));
	}
	IS(S_IFREG | 0600, lstat_of("file").st_mode);
}

CASE("chown sets owner and group, and -1 leaves one as it is")
{
	struct stat stat;

	write_file("file", "");
	OK(chown("file", 12, 34));
	OK(chown("file", -1, 56));
	stat = lstat_of("file");
	IS(12, stat.st_uid);
	IS(56, stat.st_gid);
	OK(chown("file", 78, -1));
	OK(chown("file", -1, -1));
	stat = lstat_of("file");
	IS(78, stat.st_uid);
	IS(56, stat.st_gid);
}

CASE("owners above 65535 are kept")
{
	struct stat stat;

	write_file("file", "");
	OK(chown("file", 0x12345678, 0xfffffffe));
	stat = lstat_of("file");
	IS(0x12345678, stat.st_uid);
	IS(0xfffffffe, stat.st_gid);
}

CASE("fchown, and chown of a directory")
{
	int fd = open_new("file", O_RDONLY);

	OK(fchown(fd, ALICE, BOB));
	IS(ALICE, lstat_of("file").st_uid);
	IS(BOB, lstat_of("file").st_gid);
	OK(mkdir("directory", 0777));
	OK(chown("directory", BOB, ALICE));
	IS(BOB, lstat_of("directory").st_uid);
	IS(ALICE, lstat_of("directory").st_gid);
}

CASE("lchown changes the symbolic link, chown what it leads to")
{
	write_file("file", "");
	OK(symlink("file", "link"));
	OK(lchown("link", ALICE, ALICE));
	IS(ALICE, lstat_of("link").st_uid);
	IS(0, lstat_of("file").st_uid);
	OK(chown("link", BOB, BOB));
	IS(ALICE, lstat_of("link").st_uid);
	IS(BOB, lstat_of("file").st_uid);
}

CASE("chown by the owner: to another user is EPERM, to an own group is fine")
{
	write_file("file", "");
	OK(chown("file", ALICE, BOB));
	AS_USER(ALICE) {
		FAILS(EPERM, chown("file", BOB, -1));
		FAILS(EPERM, chown("file", -1, 0));
		OK(chown("file", -1, ALICE));
		OK(chown("file", ALICE, ALICE));
	}
	IS(ALICE, lstat_of("file").st_gid);
}

CASE("what is created belongs to its creator")
{
	OK(chmod(".", 0777));
	AS_USER(ALICE) {
		write_file("file", "");
		OK(mkdir("directory", 0777));
		OK(symlink("file", "link"));
		OK(mkfifo("fifo", 0666));
	}
	IS(ALICE, lstat_of("file").st_uid);
	IS(ALICE, lstat_of("file").st_gid);
	IS(ALICE, lstat_of("directory").st_uid);
	IS(ALICE, lstat_of("link").st_uid);
	IS(ALICE, lstat_of("fifo").st_gid);
}

CASE("truncate grows with zeros and shrinks")
{
	char bytes[10000];
	int fd;

	write_file("file", "0123456789");
	OK(truncate("file", 4));
	IS(4, lstat_of("file").st_size);
	FILE_IS("0123", "file");
	OK(truncate("file", 9000));
	IS(9000, lstat_of("file").st_size);
	fd = OK(open("file", O_RDONLY));
	IS(9000, read(fd, bytes, sizeof(bytes)));
	BYTES_ARE("0123", bytes, 4);
	ARE_ZERO(bytes + 4, 9000 - 4);
}

CASE("what truncate cut off is zero when the file grows again")
{
	char bytes[5000];
	int fd = open_new("file", O_RDWR);

	memset(bytes, 'x', sizeof(bytes));
	IS(sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	OK(ftruncate(fd, 100));
	OK(ftruncate(fd, sizeof(bytes)));
	IS(sizeof(bytes), pread(fd, bytes, sizeof(bytes), 0));
	ARE_ZERO(bytes + 100, sizeof(bytes) - 100);
	OK(ftruncate(fd, 4096));
	IS(1, pwrite(fd, "y", 1, 4999));
	IS(sizeof(bytes), pread(fd, bytes, sizeof(bytes), 0));
	ARE_ZERO(bytes + 4096, 4999 - 4096);
}

CASE("ftruncate is seen by a second descriptor at once")
{
	int fd = open_new("file", O_RDWR), other = OK(open("file", O_RDWR));
	char bytes[8];

	IS(8, write(fd, "12345678", 8));
	IS(8, pread(other, bytes, 8, 0));
	OK(ftruncate(fd, 3));
	IS(3, fstat_of(other).st_size);
	IS(3, pread(other, bytes, 8, 0));
	IS(0, pread(other, bytes, 8, 3));
}

CASE("truncate of what is no file, or may not be written, fails")
{
	int fd = open_new("file", O_RDONLY);

	OK(mkdir("directory", 0777));
	FAILS(EISDIR, truncate("directory", 0));
	FAILS(EINVAL, truncate("file", -1));
	FAILS(EINVAL, ftruncate(fd, 0));
	FAILS(ENOENT, truncate("missing", 0));
	AS_USER(ALICE) {
		FAILS(EACCES, truncate("file", 0));
	}
	/* Past the largest file of a 32-bit kernel and of ext4; tmpfs and FUSE of a 64-bit kernel take it. */
	FAILS(EFBIG, truncate("file", 1LL << 62));
}

CASE("sizes past 4 GiB are kept")
{
	write_file("file", "start");
	OK(truncate("file", 5LL << 30));
	IS(5LL << 30, lstat_of("file").st_size);
	OK(truncate("file", 5));
	FILE_IS("start", "file");
}

CASE("st_blocks counts 512-byte blocks of what was written")
{
	char bytes[8192];
	int fd = open_new("file", O_WRONLY);

	memset(bytes, 'x', sizeof(bytes));
	IS(sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	OK(fsync(fd));
	HOLDS(fstat_of(fd).st_blocks >= 16);
	HOLDS(fstat_of(fd).st_blksize >= 512);
}
