/* SPDX-License-Identifier: ISC */
/*
 * The process, and a pipe for what it says.
 */
#include "unit/platform/child.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
write_and_exit(int end, const char *wrong)
{
	if (wrong != NULL && write(end, wrong, strlen(wrong)) < 0)
		abort();
	_exit(0);
}

/* Returns the status, as of waitpid(). */
static int
run(const char *(*body)(void))
{
	char text[128] = "";
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	/* In one process with other tests, one may have had it ignored. */
	signal(SIGCHLD, SIG_DFL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		write_and_exit(ends[1], body());
	close(ends[1]);
	ck_assert_int_ge(read(ends[0], text, sizeof(text) - 1), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_str_eq(text, "");
	return status;
}

void
child_run(const char *(*body)(void))
{
	int status = run(body);

	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void
child_killed(const char *(*body)(void), int number)
{
	int status = run(body);

	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == number);
}
