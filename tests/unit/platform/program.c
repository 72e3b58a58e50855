/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/program.c: signals while the program starts.  A test that
 * they end is an error.
 */
#include "unit/platform/suites.h"

#include "platform/program.h"

#include <signal.h>

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
body(int argc, char *argv[])
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

	ck_assert_int_eq(host_main(1, argv, body), 7);
}
END_TEST

/* Whoever waits for a file at start can still be stopped. */
static int
body_stops(int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	raise(SIGTERM);
	return 0;
}

START_TEST(test_can_be_stopped)
{
	char name[] = "name";
	char *argv[] = { name, NULL };

	host_main(1, argv, body_stops);
}
END_TEST

Suite *
platform_program_suite(void)
{
	Suite *suite = suite_create("program");
	TCase *tcase = tcase_create("program");

	tcase_add_test(tcase, test_holds_signals);
	tcase_add_test_raise_signal(tcase, test_can_be_stopped, SIGTERM);
	suite_add_tcase(suite, tcase);
	return suite;
}
