/*
 * What Linux promises of a file system, case by case, on the one that holds DIRECTORY. Prints TAP.
 *
 *   posix-cases DIRECTORY [PATTERN]   runs the cases whose name, "theme: title", matches the shell's PATTERN: 'rename: *'
 *   posix-cases --program             reads standard input to its end, exit status 42: what the cases of execve run
 *
 * Exit status: 0 all passed, 1 some failed, 2 nothing ran.
 *
 * To be run as root. Every case has a directory and a process group of its own, and the seconds that POSIX_CASES_TIME_LIMIT says, or
 * 60. What it leaves behind is saved and removed; what cannot be is a failure.
 */
#include "posix-cases.h"
#include "report.h"
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_SECONDS = 3600, GRACE_SECONDS = 3, PROGRAM_STATUS = 42 };

extern const struct posix_case __start_cases[], __stop_cases[];

static sigset_t child_ended;
static int time_limit = 60;

static const char *name_of(const struct posix_case *each)
{
	static char name[256];

	snprintf(name, sizeof(name), "%.*s: %s", (int)(strlen(each->theme) - strlen(".c")), each->theme, each->title);
	return name;
}

static int is_chosen(const struct posix_case *each, const char *pattern)
{
	return !pattern || !fnmatch(pattern, name_of(each), 0);
}

/* The child's side: never comes back. */
static void run(const struct posix_case *each, const char *directory)
{
	setpgid(0, 0);
	sigprocmask(SIG_UNBLOCK, &child_ended, NULL);
	umask(022);
	OK(chdir(directory));
	each->run();
	_exit(0);
}

/* 0 when the child has ended within the seconds, its status in `*status`. */
static int wait_for(pid_t child, int seconds, int *status)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (!waitpid(child, status, WNOHANG)) {
		struct timespec second = { .tv_sec = 1 };

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (compare_times(now, end) > 0)
			return -1;
		sigtimedwait(&child_ended, NULL, &second);
	}
	return 0;
}

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...)
{
	va_list arguments;
	size_t length = strlen(report->why);

	va_start(arguments, format);
	vsnprintf(report->why + length, sizeof(report->why) - length, format, arguments);
	va_end(arguments);
	report->failed = 1;
}

/* What the case has left must be possible to save: a file system that writes behind says here what it could not. 0 or −1. */
static int save(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY), failure = fd < 0 || syncfs(fd);

	if (fd >= 0)
		close(fd);
	return failure ? -1 : 0;
}

/* Whether it passed; else `report` says why. */
static int passes(const struct posix_case *each)
{
	char directory[64];
	pid_t child;
	int status;

	*report = (struct report){ 0 };
	snprintf(directory, sizeof(directory), "case-%ld", (long)(each - __start_cases));
	if (mkdir(directory, 0755)) {
		note("mkdir %s: %s", directory, strerrorname_np(errno));
		return 0;
	}
	child = fork();
	if (!child)
		run(each, directory);
	setpgid(child, child);
	if (wait_for(child, time_limit, &status)) {
		note("%shas not ended after %d s", report->failed ? "; " : "", time_limit);
		kill(-child, SIGKILL);
		if (wait_for(child, GRACE_SECONDS, &status)) {
			note(", and cannot be killed");
			return 0;
		}
	} else if (WIFSIGNALED(status)) {
		note("%sended by SIG%s", report->failed ? "; " : "", sigabbrev_np(WTERMSIG(status)));
	}
	/* What it started and did not wait for. */
	kill(-child, SIGKILL);
	if (save(directory))
		note("%scannot be saved: %s", report->failed ? "; " : "", strerrorname_np(errno));
	if (remove_tree(AT_FDCWD, directory))
		note("%scannot be removed: %s", report->failed ? "; " : "", strerrorname_np(errno));
	return !report->failed;
}

/* TAP is text, and the bytes of names are not. */
static void print_why(void)
{
	printf("# ");
	for (const unsigned char *byte = (const unsigned char *)report->why; *byte; byte++)
		printf(*byte >= ' ' && *byte < 127 ? "%c" : "\\x%02x", *byte);
	printf("\n");
}

static int run_all(const char *pattern)
{
	int count = 0, number = 0, failures = 0;

	for (const struct posix_case *each = __start_cases; each < __stop_cases; each++)
		count += is_chosen(each, pattern);
	printf("1..%d\n", count);
	for (const struct posix_case *each = __start_cases; each < __stop_cases; each++) {
		if (!is_chosen(each, pattern))
			continue;
		number++;
		if (passes(each)) {
			printf("ok %d - %s\n", number, name_of(each));
		} else {
			printf("not ok %d - %s\n", number, name_of(each));
			print_why();
			failures++;
		}
		fflush(stdout);
	}
	return !count ? 2 : failures ? 1 : 0;
}

/* 0, or −1 where the environment says something else than seconds. */
static int read_time_limit(void)
{
	const char *given = getenv("POSIX_CASES_TIME_LIMIT");
	char *end;
	long seconds;

	if (!given)
		return 0;
	seconds = strtol(given, &end, 10);
	if (end == given || *end || seconds < 1 || seconds > MOST_SECONDS)
		return -1;
	time_limit = seconds;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--program")) {
		char bytes[64];

		while (read(0, bytes, sizeof(bytes)) > 0)
			;
		return PROGRAM_STATUS;
	}
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: posix-cases DIRECTORY [PATTERN]\n");
		return 2;
	}
	if (read_time_limit()) {
		fprintf(stderr, "posix-cases: POSIX_CASES_TIME_LIMIT is no number of seconds from 1 to %d\n", MOST_SECONDS);
		return 2;
	}
	if (chdir(argv[1])) {
		fprintf(stderr, "posix-cases: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ended, NULL);
	return run_all(argc > 2 ? argv[2] : NULL);
}
