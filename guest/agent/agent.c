/*
 * The guest's agent: runs processes for the machine. src/machine/agent-protocol.ts describes what the two say to each other.
 *
 *   agent PORT [ROOT]   speaks over the character device PORT, a generic port of a virtio console; processes see ROOT as "/"
 *   agent               speaks over standard input and output (tests)
 *
 * One poll loop over descriptors that never block; memory is static. When the machine hangs up or breaks the framing, every
 * process gets SIGHUP and the agent ends: init starts the next one, which says HELLO again.
 *
 * What the protocol leaves open:
 * - START's environment is the whole environment; argv[0] without a slash is looked up in its PATH. An empty cwd is the agent's.
 * - Every process leads a session, and so a process group, of its own.
 * - EXIT comes when the process has ended and all that could be read from it at that moment was sent. Background children that
 *   still hold its output do not delay it: their pipe or terminal is closed then.
 * - A frame for a process that is not there, a START with a number in use, bytes beyond the credit, unknown types, streams and
 *   signals: ignored. They may have crossed with an EXIT, or come from a faulty machine.
 * - Standard input that nobody reads any more is dropped.
 */
#include "nolibc.h"
#include <asm/termios.h>
#include <linux/random.h>
#include <linux/signalfd.h>
#include <linux/stat.h>

/* src/machine/agent-protocol.ts */
enum { FRAME_HEADER_SIZE = 12, MAXIMUM_PAYLOAD = 32 * 1024 - FRAME_HEADER_SIZE, INITIAL_CREDIT = 64 * 1024, PROTOCOL_VERSION = 1 };
enum { TO_START = 1, TO_INPUT, TO_CREDIT, TO_SIGNAL, TO_RESIZE, TO_RESUME };
enum { FROM_HELLO = 1, FROM_STARTED, FROM_OUTPUT, FROM_ERROR, FROM_CREDIT, FROM_EXIT };
enum { START_HEADER_SIZE = 16, START_TERMINAL = 1, START_SHARE = 2, START_UPLOAD = 4, CAN_UPLOAD = 1, RESUME_SIZE = 12, SEED_SIZE = 64 };

enum {
	MAXIMUM_PROCESSES = 64,
	/* The port takes at most this much at once. */
	PORT_WRITE = 32 * 1024,
	SENT_SIZE = 4 * PORT_WRITE,
	/* Room that output leaves in the buffer for the small frames, which must not wait behind it. */
	SMALL_FRAME = FRAME_HEADER_SIZE + 4,
	HELLO_FRAME = FRAME_HEADER_SIZE + 8,
	RESERVE = 4 * MAXIMUM_PROCESSES * SMALL_FRAME,
	/* Read per stream after the process has ended. More than a pipe or a terminal holds, so that only others' output is cut. */
	LAST_WORDS = 1024 * 1024,
	LAST_SIGNAL = 64,
};

struct stream {
	int fd; /* −1: closed */
	unsigned type; /* of its frames */
	unsigned credit;
	unsigned last_words; /* how much may still be read once the process has ended */
};

struct process {
	int used;
	unsigned number; /* the machine's */
	int pid;
	int terminal; /* whether `input` and `output.fd` are the master of its terminal */
	int start;    /* reads the errno of a failed start, or end of file once the program runs; −1: done */
	int failure;
	int ended, wait_status;
	int input; /* −1: closed */
	int input_ends;
	unsigned input_start, input_length; /* what its ring holds */
	unsigned consumed;                  /* standard input taken, and not granted again yet */
	struct stream output, error;
};

static struct process processes[MAXIMUM_PROCESSES];
/* Standard input that waits for its reader; apart, so that a process is small to clear. */
static unsigned char rings[MAXIMUM_PROCESSES][INITIAL_CREDIT];

static int port_in, port_out, child_signals;
/* Whether it speaks over standard input and output. */
static int is_test;

/* One frame from the machine; what follows it stays in the port. */
static unsigned char received[FRAME_HEADER_SIZE + MAXIMUM_PAYLOAD];
static unsigned received_length;

/* Frames to the machine. */
static unsigned char sent[SENT_SIZE];
static unsigned sent_start, sent_end;

#define EACH_PROCESS(each) \
	for (struct process *each = processes; each < processes + MAXIMUM_PROCESSES; each++) \
		if (each->used)

static void hang_up(const char *why)
{
	EACH_PROCESS(process)
		if (!process->ended)
			kill(-process->pid, SIGHUP);
	write(2, why, strlen(why));
	exit(1);
}

static unsigned read_u32(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (unsigned)bytes[3] << 24;
}

static unsigned read_u16(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8;
}

static void write_u32(unsigned char *bytes, unsigned value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> 8 * i;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void set_non_blocking(int fd)
{
	my_syscall3(__NR_fcntl64, fd, F_SETFL, O_NONBLOCK);
}

/* To the machine. The callers of `put_…` have made sure that there is room. */

static unsigned room(void)
{
	return SENT_SIZE - sent_end;
}

static void put_header(unsigned type, unsigned number, unsigned length)
{
	write_u32(sent + sent_end, type);
	write_u32(sent + sent_end + 4, number);
	write_u32(sent + sent_end + 8, length);
	sent_end += FRAME_HEADER_SIZE + length;
}

static void put_small(unsigned type, unsigned number, unsigned value)
{
	write_u32(sent + sent_end + FRAME_HEADER_SIZE, value);
	put_header(type, number, 4);
}

static void greet(void)
{
	write_u32(sent + sent_end + FRAME_HEADER_SIZE, PROTOCOL_VERSION);
	write_u32(sent + sent_end + FRAME_HEADER_SIZE + 4, CAN_UPLOAD);
	put_header(FROM_HELLO, 0, 8);
}

static void flush_sent(void)
{
	while (sent_start < sent_end) {
		unsigned length = sent_end - sent_start;
		int written = write(port_out, sent + sent_start, length < PORT_WRITE ? length : PORT_WRITE);

		if (written < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (written <= 0)
			hang_up("agent: the port takes no more\n");
		sent_start += written;
	}
	if (sent_start) {
		memmove(sent, sent + sent_start, sent_end - sent_start);
		sent_end -= sent_start;
		sent_start = 0;
	}
}

/* Starting a process */

struct program {
	int mounts;  /* START_SHARE */
	int uploads; /* START_UPLOAD */
	const char *directory;
	char **arguments, **environment;
};

/* Takes START's payload apart, in place. 0, or −1 where it is not one. */
static int parse_program(const unsigned char *payload, unsigned length, struct program *program)
{
	/* A string takes a byte at least. */
	static char *strings[MAXIMUM_PAYLOAD + 2];
	char **string = strings, *next = (char *)payload + START_HEADER_SIZE, *end = (char *)payload + length;
	unsigned argument_count = read_u32(payload + 8), variable_count = read_u32(payload + 12);

	if (end[-1] || !argument_count || argument_count > length || variable_count > length)
		return -1;

	program->mounts = !!(read_u32(payload) & START_SHARE);
	program->uploads = !!(read_u32(payload) & START_UPLOAD);
	program->directory = next;
	next += strlen(next) + 1;

	program->arguments = string;
	for (; argument_count && next < end; argument_count--, next += strlen(next) + 1)
		*string++ = next;
	*string++ = NULL;

	program->environment = string;
	for (; variable_count && next < end; variable_count--, next += strlen(next) + 1)
		*string++ = next;
	*string = NULL;

	return argument_count || variable_count ? -1 : 0;
}

/* As execvp(3), but never runs a file that is no program through a shell. Returns the errno. */
static int execute(struct program *program)
{
	const char *name = program->arguments[0], *path = NULL;
	int failure = ENOENT;

	for (char **variable = program->environment; *variable; variable++)
		if (!memcmp(*variable, "PATH=", 5))
			path = *variable + 4;
	if (!path || !*name || strchr(name, '/')) {
		execve(name, program->arguments, program->environment);
		return errno;
	}
	while (*path++) {
		static char file[4096 + MAXIMUM_PAYLOAD];
		unsigned length = 0;

		while (path[length] && path[length] != ':')
			length++;
		if (length && length < 4096) {
			memcpy(file, path, length);
			file[length] = '/';
			strcpy(file + length + 1, name);
			execve(file, program->arguments, program->environment);
			if (errno != ENOENT && errno != ENOTDIR)
				failure = errno;
		}
		path += length;
	}
	return failure;
}

/* Returns whether all of it was written. */
static int write_file(const char *name, const char *text)
{
	int length = strlen(text), fd = open(name, O_WRONLY | O_CLOEXEC), written;

	if (fd < 0)
		return 0;
	written = write(fd, text, length);
	close(fd);
	return written == length;
}

/* Kernel read-ahead is 128 KiB at most for every file system; a request to the page may hold 1 MiB. */
static void raise_read_ahead(const char *directory)
{
	char file[64], *end;
	struct statx attributes;

	/* Asks the share for them, and so waits for its FUSE_INIT, which would set the read-ahead again. */
	if (my_syscall5(__NR_statx, AT_FDCWD, directory, AT_STATX_FORCE_SYNC, STATX_TYPE, &attributes))
		return;
	strcpy(file, "/sys/class/bdi/");
	end = file + strlen(file);
	end += utoa_r(attributes.stx_dev_major, end);
	*end++ = ':';
	end += utoa_r(attributes.stx_dev_minor, end);
	strcpy(end, "/read_ahead_kb");
	write_file(file, "1024");
}

/* As `share add TAG DIRECTORY OPTIONS`, for a directory that is not there yet. Returns whether it is mounted; if not, nothing is left. */
static int mount_share(char **arguments)
{
	const char *tag, *directory, *options;
	int count = 0;

	while (arguments[count])
		count++;
	if (count < 3)
		return 0;
	tag = arguments[count - 3];
	directory = arguments[count - 2];
	options = arguments[count - 1];
	if (!write_file("/sys/bus/pci/rescan", "1") || mkdir(directory, 0755))
		return 0;
	if (mount(tag, directory, "virtiofs", strcmp(options, "ro") ? 0 : MS_RDONLY, NULL)) {
		rmdir(directory);
		return 0;
	}
	raise_read_ahead(directory);
	return 1;
}

#include "upload.c"

/* The child's side of fork: becomes the program, or tells `report` why not. */
static void become(struct program *program, const int standard[3], int terminal, int report)
{
	unsigned long long no_signals = 0;
	int failure;

	setsid();
	if (terminal)
		ioctl(standard[0], TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		dup2(standard[i], i);
	/* Others' pipes must not stay open here, should the directory or the program be slow to come. */
	dup2(report, 3);
	my_syscall3(__NR_fcntl64, 3, F_SETFD, FD_CLOEXEC);
	my_syscall3(__NR_close_range, 4, ~0U, 0);
	my_syscall4(__NR_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof(no_signals));

	if (*program->directory && chdir(program->directory))
		failure = errno;
	else if (program->mounts && mount_share(program->arguments))
		exit(0);
	else if (program->uploads) {
		/* It runs. */
		close(3);
		exit(upload(program->arguments, is_test));
	} else
		failure = execute(program);
	write(3, &failure, sizeof(failure));
	exit(127);
}

/* A terminal whose erase key knows UTF-8. Returns 0 or −1. */
static int open_terminal(int *master, int *slave, unsigned columns, unsigned rows)
{
	struct winsize size = { .ws_col = columns, .ws_row = rows };
	struct termios modes;
	int unlocked = 0;

	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlocked))
		return -1;
	*slave = ioctl(*master, TIOCGPTPEER, (void *)(O_RDWR | O_NOCTTY | O_CLOEXEC));
	if (*slave < 0 || ioctl(*slave, TCGETS, &modes))
		return -1;
	modes.c_iflag |= IUTF8;
	ioctl(*slave, TCSETS, &modes);
	ioctl(*slave, TIOCSWINSZ, &size);
	return 0;
}

/* Fills in the process's descriptors, and the child's in `standard` and `report`. Returns 0 or −1. */
static int open_streams(struct process *process, unsigned columns, unsigned rows, int standard[3], int *report)
{
	int input[2] = { -1, -1 }, output[2] = { -1, -1 }, error[2] = { -1, -1 }, start[2] = { -1, -1 };
	int failed = pipe2(start, O_CLOEXEC);

	if (!failed && process->terminal) {
		failed = open_terminal(&process->input, &standard[0], columns, rows);
		/* A number of its own for each direction: each is closed once. */
		if (!failed)
			failed = (process->output.fd = dup(process->input)) < 0;
	} else if (!failed) {
		failed = pipe2(input, O_CLOEXEC) || pipe2(output, O_CLOEXEC) || pipe2(error, O_CLOEXEC);
		process->input = input[1];
		process->output.fd = output[0];
		process->error.fd = error[0];
		standard[0] = input[0];
		standard[1] = output[1];
		standard[2] = error[1];
		set_non_blocking(input[1]);
		set_non_blocking(output[0]);
		set_non_blocking(error[0]);
	}
	process->start = start[0];
	*report = start[1];
	return failed ? -1 : 0;
}

static void start_process(unsigned number, const unsigned char *payload, unsigned length)
{
	struct process *process = processes;
	struct program program;
	int standard[3] = { -1, -1, -1 }, report = -1;

	EACH_PROCESS(other)
		if (other->number == number)
			return;
	if (length <= START_HEADER_SIZE || parse_program(payload, length, &program)) {
		put_small(FROM_EXIT, number, -EINVAL);
		return;
	}
	while (process < processes + MAXIMUM_PROCESSES && process->used)
		process++;
	if (process == processes + MAXIMUM_PROCESSES) {
		put_small(FROM_EXIT, number, -EAGAIN);
		return;
	}

	*process = (struct process){
		.number = number,
		.terminal = !!(read_u32(payload) & START_TERMINAL),
		.start = -1,
		.input = -1,
		.output = { .fd = -1, .type = FROM_OUTPUT, .credit = INITIAL_CREDIT, .last_words = LAST_WORDS },
		.error = { .fd = -1, .type = FROM_ERROR, .credit = INITIAL_CREDIT, .last_words = LAST_WORDS },
	};
	process->pid = open_streams(process, read_u16(payload + 4), read_u16(payload + 6), standard, &report);
	if (!process->pid)
		process->pid = fork();
	if (!process->pid)
		become(&program, process->terminal ? (int[3]){ standard[0], standard[0], standard[0] } : standard, process->terminal, report);
	if (process->pid > 0) {
		process->used = 1;
	} else {
		put_small(FROM_EXIT, number, -errno);
		close_fd(&process->start);
		close_fd(&process->input);
		close_fd(&process->output.fd);
		close_fd(&process->error.fd);
	}
	close_fd(&report);
	for (int i = 0; i < 3; i++)
		close_fd(&standard[i]);
}

/* From the machine */

static void keep_input(struct process *process, const unsigned char *bytes, unsigned length)
{
	unsigned char *ring = rings[process - processes];

	if (!length)
		process->input_ends = !process->terminal;
	if (process->input < 0 || length > INITIAL_CREDIT - process->input_length)
		return;
	while (length) {
		unsigned end = (process->input_start + process->input_length) % INITIAL_CREDIT;
		unsigned part = length < INITIAL_CREDIT - end ? length : INITIAL_CREDIT - end;

		memcpy(ring + end, bytes, part);
		process->input_length += part;
		bytes += part;
		length -= part;
	}
}

static void send_signal(struct process *process, unsigned signal)
{
	int group = 0;

	/* Once it has been waited for, its number may be another's. */
	if (process->ended || !signal || signal > LAST_SIGNAL)
		return;
	if (process->terminal && process->input >= 0)
		ioctl(process->input, TIOCGPGRP, &group);
	if (group <= 1)
		group = process->pid;
	/* It has no group of its own yet just after the fork. */
	if (kill(-group, signal))
		kill(process->pid, signal);
}

/*
 * This machine was restored from a snapshot, as others were: before anything runs it gets the time, and randomness of its own.
 * Says nothing where that cannot be had: such a machine must not be used.
 */
static void resume(const unsigned char *payload, unsigned length)
{
	long long now[2] = { read_u32(payload) | (long long)read_u32(payload + 4) << 32, read_u32(payload + 8) };
	struct { int bits, size; unsigned char bytes[SEED_SIZE]; } seed = { .bits = 8 * SEED_SIZE, .size = SEED_SIZE };
	int random, failed;

	if (length != RESUME_SIZE + SEED_SIZE || my_syscall2(__NR_clock_settime64, CLOCK_REALTIME, now))
		return;
	memcpy(seed.bytes, payload + RESUME_SIZE, SEED_SIZE);
	random = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	/* The first alone reaches the pool that the generator is fed from, not the generator. */
	failed = random < 0 || ioctl(random, RNDADDENTROPY, &seed) || ioctl(random, RNDRESEEDCRNG, 0);
	close_fd(&random);
	if (!failed && room() >= HELLO_FRAME)
		greet();
}

static void handle_frame(unsigned type, unsigned number, const unsigned char *payload, unsigned length)
{
	struct process *process = NULL;

	if (type == TO_START) {
		start_process(number, payload, length);
		return;
	}
	if (type == TO_RESUME) {
		resume(payload, length);
		return;
	}
	EACH_PROCESS(other)
		if (other->number == number)
			process = other;
	if (!process)
		return;

	if (type == TO_INPUT) {
		keep_input(process, payload, length);
	} else if (type == TO_CREDIT && length >= 8) {
		unsigned which = read_u32(payload), bytes = read_u32(payload + 4);
		struct stream *stream = which == 1 ? &process->output : which == 2 ? &process->error : NULL;

		if (stream)
			stream->credit = bytes > ~0U - stream->credit ? ~0U : stream->credit + bytes;
	} else if (type == TO_SIGNAL && length >= 4) {
		send_signal(process, read_u32(payload));
	} else if (type == TO_RESIZE && length >= 4 && process->terminal && process->input >= 0) {
		struct winsize size = { .ws_col = read_u16(payload), .ws_row = read_u16(payload + 2) };

		ioctl(process->input, TIOCSWINSZ, &size);
	}
}

/* Reads of one frame what is there, and handles it when it is whole. */
static void receive(void)
{
	unsigned wanted = FRAME_HEADER_SIZE;
	int count;

	if (received_length >= FRAME_HEADER_SIZE)
		wanted += read_u32(received + 8);
	count = read(port_in, received + received_length, wanted - received_length);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0)
		hang_up("agent: the machine has hung up\n");
	received_length += count;
	if (received_length < FRAME_HEADER_SIZE)
		return;

	wanted = read_u32(received + 8);
	if (wanted > MAXIMUM_PAYLOAD)
		hang_up("agent: no frame is that long\n");
	if (received_length < FRAME_HEADER_SIZE + wanted)
		return;
	received_length = 0;
	handle_frame(read_u32(received), read_u32(received + 4), received + FRAME_HEADER_SIZE, wanted);
}

/* A process's course */

static void read_start(struct process *process)
{
	int failure, count = read(process->start, &failure, sizeof(failure));

	close_fd(&process->start);
	if (count == sizeof(failure))
		process->failure = failure;
	else
		put_small(FROM_STARTED, process->number, process->pid);
}

static void write_input(struct process *process)
{
	unsigned part = INITIAL_CREDIT - process->input_start;
	int count;

	if (part > process->input_length)
		part = process->input_length;
	count = part ? write(process->input, rings[process - processes] + process->input_start, part) : 0;
	if (count < 0 && errno != EAGAIN && errno != EINTR) {
		close_fd(&process->input);
		process->input_length = 0;
	} else if (count > 0) {
		process->input_start = (process->input_start + count) % INITIAL_CREDIT;
		process->input_length -= count;
		process->consumed += count;
	}
	if (process->input_ends && !process->input_length)
		close_fd(&process->input);
}

static int may_read(const struct stream *stream)
{
	return stream->fd >= 0 && stream->credit && room() >= RESERVE + FRAME_HEADER_SIZE + MAXIMUM_PAYLOAD;
}

static void read_stream(struct process *process, struct stream *stream)
{
	unsigned most = stream->credit < MAXIMUM_PAYLOAD ? stream->credit : MAXIMUM_PAYLOAD;
	int count = read(stream->fd, sent + sent_end + FRAME_HEADER_SIZE, most);

	if (count > 0) {
		put_header(stream->type, process->number, count);
		stream->credit -= count;
		if (process->ended)
			stream->last_words = stream->last_words > (unsigned)count ? stream->last_words - count : 0;
		if (!stream->last_words)
			close_fd(&stream->fd);
	} else if (!count || (errno != EAGAIN && errno != EINTR) || process->ended) {
		/* A terminal that no process holds any more reads as EIO. */
		close_fd(&stream->fd);
	}
}

static void reap(void)
{
	struct signalfd_siginfo information;
	int pid, status;

	while (read(child_signals, &information, sizeof(information)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		EACH_PROCESS(process)
			if (process->pid == pid && !process->ended) {
				process->ended = 1;
				process->wait_status = status;
			}
}

/* What a process waits for, in the order of its places in the poll. */
enum { START, INPUT, OUTPUT, ERROR, PLACES };

static void watch(struct pollfd *place, int fd, short events, int wanted)
{
	/* Where nothing is wanted the place must be empty: poll reports a hang-up all the same. */
	*place = (struct pollfd){ .fd = wanted ? fd : -1, .events = events };
}

static void watch_process(struct process *process, struct pollfd *places)
{
	int runs = process->used && process->start < 0;

	watch(places + START, process->start, POLLIN, process->used && room() >= SMALL_FRAME);
	watch(places + INPUT, process->input, POLLOUT, process->used && (process->input_length || process->input_ends));
	watch(places + OUTPUT, process->output.fd, POLLIN, runs && may_read(&process->output));
	watch(places + ERROR, process->error.fd, POLLIN, runs && may_read(&process->error));
}

static void step_process(struct process *process, const struct pollfd *places)
{
	if (places[START].revents && process->start >= 0)
		read_start(process);
	if (places[INPUT].revents && process->input >= 0)
		write_input(process);
	if (process->consumed >= INITIAL_CREDIT / 2 && room() >= SMALL_FRAME) {
		put_small(FROM_CREDIT, process->number, process->consumed);
		process->consumed = 0;
	}
	if (process->start >= 0)
		return;
	if ((places[OUTPUT].revents || process->ended) && may_read(&process->output))
		read_stream(process, &process->output);
	if ((places[ERROR].revents || process->ended) && may_read(&process->error))
		read_stream(process, &process->error);
	if (process->ended && process->output.fd < 0 && process->error.fd < 0 && room() >= SMALL_FRAME) {
		close_fd(&process->input);
		put_small(FROM_EXIT, process->number, process->failure ? -process->failure : process->wait_status);
		process->used = 0;
	}
}

static void serve(void)
{
	enum { PORT_IN, PORT_OUT, SIGNALS, FIRST_PROCESS };
	static struct pollfd places[FIRST_PROCESS + MAXIMUM_PROCESSES * PLACES];
	/* A process that has ended is read until nothing is left, without waiting. */
	int count = FIRST_PROCESS, timeout = -1;

	watch(places + PORT_IN, port_in, POLLIN, room() >= SMALL_FRAME);
	watch(places + PORT_OUT, port_out, POLLOUT, sent_end);
	watch(places + SIGNALS, child_signals, POLLIN, 1);
	for (int i = 0; i < MAXIMUM_PROCESSES; i++) {
		struct process *process = processes + i;

		watch_process(process, places + FIRST_PROCESS + i * PLACES);
		if (!process->used)
			continue;
		count = FIRST_PROCESS + (i + 1) * PLACES;
		if (process->ended && process->start < 0 && (may_read(&process->output) || may_read(&process->error)))
			timeout = 0;
	}
	poll(places, count, timeout);

	if (places[SIGNALS].revents)
		reap();
	for (int i = 0; i < (count - FIRST_PROCESS) / PLACES; i++)
		if (processes[i].used)
			step_process(processes + i, places + FIRST_PROCESS + i * PLACES);
	/* After the processes, whose places in the poll a START would make stale. */
	if (places[PORT_IN].revents && room() >= SMALL_FRAME)
		receive();
	flush_sent();
}

/* A port without a machine at its other end says so at once: there is nothing to wait on but time. */
static void wait_for_machine(void)
{
	struct pollfd place = { .fd = port_in, .events = POLLIN };

	while (poll(&place, 1, 0) > 0 && (place.revents & POLLHUP))
		usleep(10 * 1000);
}

int main(int argc, char **argv)
{
	unsigned long long blocked = 1ULL << (SIGCHLD - 1) | 1ULL << (SIGPIPE - 1);
	int fd;

	/* `become` counts on descriptors 0 to 2 being taken. */
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd < 2);
	if (argc > 1)
		port_in = port_out = open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC);
	else
		port_out = is_test = 1;
	if (port_in < 0)
		hang_up("agent: cannot open the port\n");
	set_non_blocking(port_in);
	set_non_blocking(port_out);
	if (argc > 2 && (chroot(argv[2]) || (chdir("/root") && chdir("/"))))
		hang_up("agent: cannot enter the root\n");

	my_syscall4(__NR_rt_sigprocmask, SIG_BLOCK, &blocked, NULL, sizeof(blocked));
	blocked = 1ULL << (SIGCHLD - 1);
	child_signals = my_syscall4(__NR_signalfd4, -1, &blocked, sizeof(blocked), SFD_NONBLOCK | SFD_CLOEXEC);

	wait_for_machine();
	greet();
	flush_sent();
	for (;;)
		serve();
}
