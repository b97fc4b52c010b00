/* The other processes of a case. */
#include "posix-cases.h"
#include "report.h"
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>

pid_t start_child(void)
{
	return OK(fork());
}

pid_t start_user(unsigned id)
{
	pid_t child = start_child();

	if (!child) {
		OK(setgroups(0, NULL));
		OK(setresgid(id, id, id));
		OK(setresuid(id, id, id));
	}
	return child;
}

void end_child(pid_t child)
{
	int status;

	if (!child)
		_exit(0);
	OK(waitpid(child, &status, 0));
	if (report->failed)
		_exit(1);
	if (WIFSIGNALED(status))
		FAIL("a child was ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
	IS(0, WEXITSTATUS(status));
}

void let_time_pass(void)
{
	usleep(30 * 1000);
}

struct gate make_gate(void)
{
	struct gate gate;

	OK(pipe(gate.ends));
	return gate;
}

void open_gate(struct gate gate)
{
	IS(1, write(gate.ends[1], "", 1));
}

void wait_at(struct gate gate)
{
	char byte;

	IS(1, read(gate.ends[0], &byte, 1));
}
