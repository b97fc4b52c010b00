/*
 * START_UPLOAD: a child of the agent puts files into a share, without a program and without a process for each file. Part of agent.c.
 *
 *   upload MOUNT_POINT SOURCE
 *
 * SOURCE is the tag of a share that was plugged in for this (in a test, where there is none: a directory). It is mounted nowhere: only
 * this process has it, and it goes away with it. In it are `list`, an entry for each file (src/machine/upload-list.ts), and `contents`, the
 * bytes of all files back to back. Standard output is a row of reports, one for each file and some on the way; exit status 143: it was
 * told to stop, 1: the share cannot be had, with a line on standard error.
 *
 * Each file has a name of its own until all of it is there, and then moves to a name that is free, or is to be replaced.
 */
#include <linux/mount.h>

/* src/machine/upload-list.ts */
enum { ENTRY_HEADER_SIZE = 16, ENTRY_REPLACE = 1, ENTRY_DIRECTORY = 2 };
enum { RESULT_UNDER_WAY = -1, RESULT_UNREADABLE = ENODATA };

enum {
	/* As much as a request of FUSE has at most. */
	CONTENTS_SIZE = 1024 * 1024,
	REPORTS = 32,
	TEMPORARY_NAMES = 100,
	STOPPED = 128 + SIGTERM,
};

struct entry {
	unsigned index, flags;
	unsigned long long size, offset;
	char *path;
};

struct report {
	unsigned index;
	int result; /* 0, RESULT_UNDER_WAY or an errno */
	unsigned long long bytes;
};

/* Descriptors of the share's root, and of what is to be put there. */
static int target, contents;
/* Bytes [buffer_start, buffer_start + buffered) of `contents`; page-aligned, as the device gets it without a copy. */
static unsigned char buffer[CONTENTS_SIZE] __attribute__((aligned(4096)));
static unsigned long long buffer_start;
static unsigned buffered;
/* The directory of the file before. */
static int directory = -1;
static char *directory_path;
static unsigned directory_length;

static struct report reports[REPORTS];
static unsigned report_count;
static int nobody_listens;

static int open_at(int at, const char *name, int flags)
{
	return my_syscall4(__NR_openat, at, name, flags | O_CLOEXEC | O_LARGEFILE, 0666);
}

static int status_of(int at, const char *name, int flags, struct statx *status)
{
	return my_syscall5(__NR_statx, at, name, flags, STATX_TYPE | STATX_SIZE, status);
}

static void send_reports(void)
{
	int length = report_count * sizeof(*reports);

	if (length && write(1, reports, length) != length)
		nobody_listens = 1;
	report_count = 0;
}

static void report(unsigned index, int result, unsigned long long bytes)
{
	reports[report_count++] = (struct report){ index, result, bytes };
	if (report_count == REPORTS)
		send_reports();
}

/* Whether a signal has come: they are blocked, so that nothing half done is left. */
static int must_stop(void)
{
	unsigned long long pending = 0;

	my_syscall2(__NR_rt_sigpending, &pending, sizeof(pending));
	return nobody_listens || pending;
}

static int read_contents(unsigned long long offset, unsigned length)
{
	return my_syscall5(__NR_pread64, contents, buffer, length, (unsigned)offset, (unsigned)(offset >> 32));
}

/* Bytes at `offset`, where a file has `left` more of them: how many there are at `*bytes`; none where they cannot be read. */
static unsigned take_contents(unsigned long long offset, unsigned long long left, const unsigned char **bytes)
{
	unsigned length;

	if (offset < buffer_start || offset >= buffer_start + buffered) {
		int count;

		send_reports();
		count = read_contents(offset, CONTENTS_SIZE);
		/* That another file in this buffer cannot be read is not this one's fault. */
		if (count <= 0 && left < CONTENTS_SIZE)
			count = read_contents(offset, left);
		buffer_start = offset;
		buffered = count > 0 ? count : 0;
	}
	*bytes = buffer + (offset - buffer_start);
	length = buffer_start + buffered - offset;
	return length < left ? length : left;
}

/* Returns 0 or an errno. */
static int copy_contents(int file, const struct entry *entry)
{
	unsigned long long done = 0;
	/* What is large would push everything else out of the page cache. Some file systems take only whole blocks so. */
	int direct = entry->size >= CONTENTS_SIZE && !my_syscall3(__NR_fcntl64, file, F_SETFL, O_DIRECT);

	while (done < entry->size) {
		const unsigned char *bytes;
		unsigned length = take_contents(entry->offset + done, entry->size - done, &bytes);

		if (!length)
			return RESULT_UNREADABLE;
		for (unsigned at = 0; at < length;) {
			int written = write(file, bytes + at, length - at);

			if (written < 0 && errno == EINVAL && direct) {
				direct = 0;
				my_syscall3(__NR_fcntl64, file, F_SETFL, 0);
				continue;
			}
			if (written <= 0)
				return written ? errno : EIO;
			at += written;
		}
		done += length;
		if (must_stop())
			return EINTR;
		if (done < entry->size)
			report(entry->index, RESULT_UNDER_WAY, done);
	}
	return 0;
}

/* The directory `name` in `at`, made where it is missing. A descriptor or −errno. */
static int enter_directory(int at, const char *name)
{
	int found = open_at(at, name, O_PATH | O_DIRECTORY);

	if (found == -ENOENT) {
		int made = my_syscall3(__NR_mkdirat, at, name, 0777);

		if (made && made != -EEXIST)
			return made;
		found = open_at(at, name, O_PATH | O_DIRECTORY);
		/* A link that leads nowhere. */
		if (found == -ENOENT)
			found = -ENOTDIR;
	}
	return found;
}

/* Makes `directory` the one that `path` is in, the `length` bytes before its last slash. Returns 0 or an errno. */
static int go_to(char *path, unsigned length)
{
	int at;

	if (directory >= 0 && length == directory_length && !memcmp(path, directory_path, length))
		return 0;
	close_fd(&directory);
	at = open_at(target, ".", O_PATH | O_DIRECTORY);
	for (unsigned start = 0; at >= 0 && start < length;) {
		unsigned end = start;
		int next;
		char after;

		while (end < length && path[end] != '/')
			end++;
		after = path[end];
		path[end] = 0;
		next = enter_directory(at, path + start);
		path[end] = after;
		close(at);
		at = next;
		start = end + 1;
	}
	if (at < 0)
		return -at;
	directory = at;
	directory_path = path;
	directory_length = length;
	return 0;
}

/* 0 where a file may get that name, or an errno. */
static int check_free(const char *name, int replace)
{
	struct statx status;
	int found = status_of(directory, name, AT_SYMLINK_NOFOLLOW, &status);

	if (found)
		return found == -ENOENT ? 0 : -found;
	if ((status.stx_mode & S_IFMT) == S_IFDIR)
		return EISDIR;
	return replace ? 0 : EEXIST;
}

static int put_directory(const char *name)
{
	int made = *name ? my_syscall3(__NR_mkdirat, directory, name, 0777) : 0, there;

	if (made != -EEXIST)
		return -made;
	there = open_at(directory, name, O_PATH | O_DIRECTORY);
	if (there < 0)
		return EEXIST;
	close(there);
	return 0;
}

static int put_file(const struct entry *entry, const char *name)
{
	int replace = entry->flags & ENTRY_REPLACE, failure = check_free(name, replace), file = -EEXIST;
	char temporary[32];

	if (failure)
		return failure;
	for (int i = 0; i < TEMPORARY_NAMES && file == -EEXIST; i++) {
		char *end = temporary + strlen(strcpy(temporary, ".upload-"));

		end += utoa_r(getpid(), end);
		*end++ = '-';
		utoa_r(i, end);
		file = open_at(directory, temporary, O_WRONLY | O_CREAT | O_EXCL);
	}
	/* EEXIST would be about the file's own name. */
	if (file < 0)
		return file == -EEXIST ? EBUSY : -file;

	failure = copy_contents(file, entry);
	/* A share may say only now that it had no room. */
	if (close(file) && !failure)
		failure = errno;
	if (!failure)
		failure = -my_syscall5(__NR_renameat2, directory, temporary, directory, name, replace ? 0 : RENAME_NOREPLACE);
	if (failure)
		my_syscall3(__NR_unlinkat, directory, temporary, 0);
	if (failure == EEXIST)
		failure = check_free(name, replace) ?: EEXIST;
	return failure;
}

static int put(const struct entry *entry)
{
	char *slash = strrchr(entry->path, '/'), *name = slash ? slash + 1 : entry->path;
	int failure = go_to(entry->path, slash ? slash - entry->path : 0);

	if (failure)
		return failure;
	return entry->flags & ENTRY_DIRECTORY ? put_directory(name) : put_file(entry, name);
}

/* What is written below an empty mount point would be lost with the machine. */
static int is_mounted(const char *mount_point)
{
	struct statx inside, outside;

	if (!strcmp(mount_point, "/"))
		return 1;
	return !status_of(target, "", AT_EMPTY_PATH, &inside) && !status_of(target, "..", 0, &outside) &&
		(inside.stx_dev_major != outside.stx_dev_major || inside.stx_dev_minor != outside.stx_dev_minor);
}

/* A descriptor of the root of the share with that tag, mounted nowhere. */
static int open_share(const char *tag)
{
	int context, failure;

	if (!write_file("/sys/bus/pci/rescan", "1"))
		return -1;
	context = my_syscall2(__NR_fsopen, "virtiofs", FSOPEN_CLOEXEC);
	failure = my_syscall5(__NR_fsconfig, context, FSCONFIG_SET_STRING, "source", tag, 0);
	if (!failure)
		failure = my_syscall5(__NR_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (!failure)
		failure = my_syscall3(__NR_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	close(context);
	return failure;
}

/* Lets go of the device. Nothing can be done where that fails: the machine looks. */
static int remove_device(const char *tag)
{
	char file[64];

	for (int i = 0; i < 256; i++) {
		char found[40], *end = file + strlen(strcpy(file, "/sys/fs/virtiofs/"));
		int fd, count;

		end += utoa_r(i, end);
		strcpy(end, "/tag");
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		count = read(fd, found, sizeof(found) - 1);
		close(fd);
		/* A newline follows. */
		if (count < 1 || count - 1 != (int)strlen(tag) || memcmp(found, tag, count - 1))
			continue;
		strcpy(end, "/device/../remove");
		return write_file(file, "1");
	}
	return 0;
}

/* Goes through the list, in place. */
static void put_all(unsigned char *list, unsigned length, int failure)
{
	struct entry entry = { .index = 0 };

	for (unsigned at = 0; length - at > ENTRY_HEADER_SIZE && !must_stop(); entry.index++) {
		unsigned path_length = read_u32(list + at + 12);
		int result;

		entry.size = read_u32(list + at) | (unsigned long long)read_u32(list + at + 4) << 32;
		entry.flags = read_u32(list + at + 8);
		at += ENTRY_HEADER_SIZE;
		if (path_length >= length - at || list[at + path_length])
			return;
		entry.path = (char *)list + at;
		at += path_length + 1;
		result = failure ? failure : put(&entry);
		if (result == EINTR)
			return;
		report(entry.index, result, entry.size);
		entry.offset += entry.size;
	}
}

static unsigned char *read_list(int source, unsigned *length)
{
	struct statx status;
	int list = open_at(source, "list", O_RDONLY), count = 0;
	unsigned char *bytes = NULL;

	*length = 0;
	if (list >= 0 && !status_of(list, "", AT_EMPTY_PATH, &status) && !(status.stx_size >> 28))
		bytes = malloc(status.stx_size + 1);
	while (bytes && *length < status.stx_size && (count = read(list, bytes + *length, status.stx_size - *length)) > 0)
		*length += count;
	close(list);
	return bytes && *length == status.stx_size ? bytes : NULL;
}

/* Returns the exit status. */
static int upload(char **arguments, int is_test)
{
	unsigned long long signals = 1ULL << (SIGHUP - 1) | 1ULL << (SIGINT - 1) | 1ULL << (SIGTERM - 1) | 1ULL << (SIGPIPE - 1);
	const char *mount_point = arguments[1], *tag = mount_point ? arguments[2] : NULL;
	unsigned char *list = NULL;
	unsigned length = 0;
	int source;

	if (!tag)
		return 1;
	my_syscall4(__NR_rt_sigprocmask, SIG_BLOCK, &signals, NULL, sizeof(signals));
	source = is_test ? open_at(AT_FDCWD, tag, O_PATH | O_DIRECTORY) : open_share(tag);
	if (source >= 0)
		list = read_list(source, &length);
	contents = open_at(source, "contents", O_RDONLY | (is_test ? 0 : O_DIRECT));
	if (list && contents >= 0) {
		target = open_at(AT_FDCWD, mount_point, O_PATH | O_DIRECTORY);
		put_all(list, length, target < 0 ? -target : is_mounted(mount_point) ? 0 : ENODEV);
		send_reports();
	} else {
		static const char why[] = "what is to be put there cannot be had\n";

		write(2, why, sizeof(why) - 1);
	}
	close(contents);
	close(source);
	/* The reader of the exit status lets go of the device itself where this did not. */
	if (!is_test && !remove_device(tag))
		return 1;
	return list && contents >= 0 ? (must_stop() ? STOPPED : 0) : 1;
}
