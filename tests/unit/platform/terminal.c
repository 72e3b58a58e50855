/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/terminal.c: what is a terminal, and its size.
 */
#include "unit/platform/suites.h"

#include "unit/unit.h"
#include "platform/terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int screen, saved[2];

/* Both streams go to a pipe; a test redirects one to the terminal. */
static void
setup(void)
{
	int ends[2];

	fflush(stdout);
	saved[0] = dup(STDOUT_FILENO);
	saved[1] = dup(STDERR_FILENO);
	ck_assert_int_eq(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
	screen = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(screen, 0);
	ck_assert_int_eq(grantpt(screen), 0);
	ck_assert_int_eq(unlockpt(screen), 0);
	ck_assert_int_eq(setenv("TERM", "xterm", 1), 0);
}

static void
teardown(void)
{
	close(screen);
	dup2(saved[0], STDOUT_FILENO);
	dup2(saved[1], STDERR_FILENO);
	close(saved[0]);
	close(saved[1]);
}

/* The stream is now a terminal of that size. */
static void
turn(int fd, unsigned short columns, unsigned short rows)
{
	const struct winsize size = { .ws_col = columns, .ws_row = rows };
	int end = open(ptsname(screen), O_RDWR | O_NOCTTY);

	ck_assert_int_ge(end, 0);
	ck_assert_int_eq(ioctl(end, TIOCSWINSZ, &size), 0);
	ck_assert_int_ge(dup2(end, fd), 0);
	close(end);
}

static const struct {
	enum host_stream stream, other;
	int fd;
} streams[] = {
	{ HOST_OUTPUT, HOST_ERROR, STDOUT_FILENO },
	{ HOST_ERROR, HOST_OUTPUT, STDERR_FILENO },
};

/* One may be a terminal while the other is a pipe. */
START_TEST(test_stream)
{
	struct host_terminal terminal = { .columns = 1, .rows = 1 };

	turn(streams[_i].fd, 132, 43);
	ck_assert(host_terminal(streams[_i].stream, &terminal));
	ck_assert_uint_eq(terminal.columns, 132);
	ck_assert_uint_eq(terminal.rows, 43);
	ck_assert(!host_terminal(streams[_i].other, &terminal));
	ck_assert_uint_eq(terminal.columns, 0);
	ck_assert_uint_eq(terminal.rows, 0);
}
END_TEST

/* A serial line does not say how large it is. */
START_TEST(test_unknown_size)
{
	struct host_terminal terminal = { .columns = 1, .rows = 1 };

	turn(STDOUT_FILENO, 0, 0);
	ck_assert(host_terminal(HOST_OUTPUT, &terminal));
	ck_assert_uint_eq(terminal.columns, 0);
	ck_assert_uint_eq(terminal.rows, 0);
}
END_TEST

static const struct {
	const char *type; /* NULL: not set */
	bool knows;
} types[] = {
	{ "xterm-256color", true },
	{ "linux", true },
	{ "dumber", true },
	{ "dumb", false },
	{ NULL, false },
};

/* Some know no escape sequences. */
START_TEST(test_type)
{
	struct host_terminal terminal = { .columns = 1 };

	turn(STDOUT_FILENO, 80, 24);
	if (types[_i].type == NULL)
		unsetenv("TERM");
	else
		setenv("TERM", types[_i].type, 1);
	ck_assert_int_eq(
	    host_terminal(HOST_OUTPUT, &terminal), types[_i].knows);
	ck_assert_uint_eq(terminal.columns, types[_i].knows ? 80 : 0);
}
END_TEST

Suite *
platform_terminal_suite(void)
{
	Suite *suite = suite_create("terminal");
	TCase *tcase = tcase_create("terminal");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_stream, 0, LENGTH(streams));
	tcase_add_test(tcase, test_unknown_size);
	tcase_add_loop_test(tcase, test_type, 0, LENGTH(types));
	suite_add_tcase(suite, tcase);
	return suite;
}
