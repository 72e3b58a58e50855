/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/program.c: standard streams and limits, and signals while
 * the program starts.
 */
#include "unit/platform/suites.h"

#include "unit/platform/child.h"
#include "unit/unit.h"
#include "unit/wrap.h"
#include "platform/program.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char self[] = "self", word[] = "word";
static char *arguments[] = { self, word, NULL };
static int lowest_file;

static int
body(int argc, char *argv[])
{
	if (argc != 2 || argv != arguments)
		return 1;
	lowest_file = wrap_lowest_file();
	return 42;
}

/* The bits of those streams that are open. */
static unsigned int
open_streams(void)
{
	unsigned int fd, found = 0;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl((int)fd, F_GETFD) >= 0)
			found |= 1u << fd;
	return found;
}

static unsigned int closed;

/* Nothing that is opened later replaces a stream. */
static const char *
without_streams(void)
{
	int before = wrap_lowest_file(), fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if ((closed & 1u << fd) != 0)
			close(fd);
	if (host_main(2, arguments, body) != 42)
		return "not what body() returned";
	if (open_streams() != 7)
		return "a stream is closed";
	return lowest_file == before ? NULL : "another file is open";
}

/* Each may be closed, or all. */
START_TEST(test_streams)
{
	closed = (unsigned int)_i;
	child_run(without_streams);
}
END_TEST

/* Reading from there ends at once; what is written there is lost. */
static const char *
with_null(void)
{
	char byte;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	host_main(2, arguments, body);
	if (read(STDIN_FILENO, &byte, 1) != 0)
		return "there is something to read";
	return write(STDOUT_FILENO, "x", 1) == 1 ? NULL : "cannot write";
}

START_TEST(test_null)
{
	child_run(with_null);
}
END_TEST

static const char *
with_few_files(void)
{
	struct rlimit files;
	rlim_t most;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return "getrlimit";
	most = files.rlim_max;
	files.rlim_cur = 32;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return "setrlimit";
	if (host_raise_limits() != (most == RLIM_INFINITY ? 0 : most))
		return "another limit is returned";
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return "getrlimit";
	if (files.rlim_max != most)
		return "the hard limit has changed";
	return files.rlim_cur == most ? NULL : "the limit is not raised";
}

START_TEST(test_limits)
{
	child_run(with_few_files);
}
END_TEST

static const struct host_signal wanted[] = {
	{ SIGTERM, HOST_STOP },
	{ SIGINT, HOST_STOP },
	{ SIGUSR1, HOST_COUNTERS },
	{ SIGUSR2, HOST_DRAIN },
	{ SIGHUP, HOST_RELOAD },
	{ SIGPIPE, HOST_IGNORE },
	{ SIGXFSZ, HOST_IGNORE },
};

/* As the manual says. */
START_TEST(test_signals)
{
	unsigned int i, found = 0;

	for (i = 0; host_signals[i].number != 0; i++)
		if (host_signals[i].number == wanted[_i].number) {
			found++;
			ck_assert_int_eq(
			    host_signals[i].action, wanted[_i].action);
		}
	ck_assert_uint_eq(found, 1);
	ck_assert_uint_eq(i, LENGTH(wanted));
}
END_TEST

/* They wait until the program listens to them. */
static volatile sig_atomic_t delivered;

static void
on_signal(int number)
{
	(void)number;
	delivered++;
}

/* All that do not stop the program, before it listens to any. */
static unsigned int
raise_all(void)
{
	const struct host_signal *at = host_signals;
	unsigned int count = 0;

	for (; at->number != 0; at++)
		if (at->action != HOST_STOP) {
			ck_assert_int_eq(raise(at->number), 0);
			count += at->action != HOST_IGNORE;
		}
	return count;
}

static int
body_with_signals(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = on_signal };
	const struct host_signal *at = host_signals;
	unsigned int held;

	ck_assert_int_eq(argc, 1);
	ck_assert_str_eq(argv[0], "name");
	held = raise_all();
	ck_assert_uint_ge(held, 3);
	for (; at->number != 0; at++)
		if (at->action != HOST_STOP && at->action != HOST_IGNORE)
			ck_assert_int_eq(
			    sigaction(at->number, &action, NULL), 0);
	ck_assert_int_eq(delivered, 0);
	host_signals_release();
	ck_assert_int_eq(delivered, (int)held);
	return 7;
}

START_TEST(test_holds_signals)
{
	char name[] = "name";
	char *argv[] = { name, NULL };

	ck_assert_int_eq(host_main(1, argv, body_with_signals), 7);
}
END_TEST

/* A program that waits for a file at start can still be stopped. */
static int
body_stops(int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	raise(SIGTERM);
	return 0;
}

static const char *
stopped(void)
{
	/* Check has a handler of its own. */
	signal(SIGTERM, SIG_DFL);
	host_main(2, arguments, body_stops);
	return "goes on";
}

START_TEST(test_can_be_stopped)
{
	child_killed(stopped, SIGTERM);
}
END_TEST

/* There is no service to manage here. */
START_TEST(test_usage)
{
	ck_assert_str_eq(host_usage, "");
}
END_TEST

Suite *
platform_program_suite(void)
{
	Suite *suite = suite_create("program");
	TCase *tcase = tcase_create("program");

	tcase_add_loop_test(tcase, test_streams, 0, 8);
	tcase_add_test(tcase, test_null);
	tcase_add_test(tcase, test_limits);
	tcase_add_loop_test(tcase, test_signals, 0, LENGTH(wanted));
	tcase_add_test(tcase, test_holds_signals);
	tcase_add_test(tcase, test_can_be_stopped);
	tcase_add_test(tcase, test_usage);
	suite_add_tcase(suite, tcase);
	return suite;
}
