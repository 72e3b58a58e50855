/* SPDX-License-Identifier: ISC */
/*
 * The process, and a pipe for what it says.
 */
#include "unit/platform/child.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void
child_run(const char *(*body)(void))
{
	const char *wrong;
	char text[128] = "";
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		wrong = body();
		if (wrong != NULL && write(ends[1], wrong, strlen(wrong)) < 0)
			abort();
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_ge(read(ends[0], text, sizeof(text) - 1), 0);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_str_eq(text, "");
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
