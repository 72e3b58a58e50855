/* SPDX-License-Identifier: ISC */
/*
 * src/probe/screen.c: which form of output is shown when, on a terminal and
 * elsewhere.  The namespace tests check that a terminal is recognised, and its
 * size.
 */
#include "probe/screen.h"

#include "unit/probe/suites.h"
#include "unit/scratch.h"
#include "platform/clock.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static struct session_plan plan;
static struct session *sessions[SUITES_KINDS];
static struct options options;
static struct screen screen;
static const struct screen_progress progress = {
	.sessions = sessions, .count = SUITES_KINDS, .done = 2, .lookups = 1
};

/* What both systems have; an empty one counts as none. */
static void
set_no_color(const char *value)
{
	static char variable[32];

	snprintf(variable, sizeof(variable), "NO_COLOR=%s", value);
	ck_assert_int_eq(putenv(variable), 0);
}

static void
setup(void)
{
	plan = suites_plan();
	suites_kinds(&plan, sessions);
	options = (struct options){ .interval = SECOND };
	screen = (struct screen){
		.options = &options,
		.output = suites_output(),
		.errors = suites_output(),
		.started_at = host_monotonic_ns(),
	};
	set_no_color("");
}

static void
teardown(void)
{
	unsigned int i;

	for (i = 0; i < SUITES_KINDS; i++)
		session_free(sessions[i]);
}

/* The output begins so. */
static void
begins(FILE *file, const char *wanted)
{
	const char *text = suites_printed(file);

	ck_assert_msg(strncmp(text, wanted, strlen(wanted)) == 0, "%s", text);
}

/* Progress is for terminals, and only if the run takes long. */
START_TEST(test_delay)
{
	ck_assert_int_eq(screen_delay(&screen), -1);
	screen.is_terminal = true;
	ck_assert_int_eq(screen_delay(&screen), -1);
	screen.errors_is_terminal = true;
	ck_assert_int_eq(screen_delay(&screen), 2 * SECOND);
	options.watch = true;
	options.interval = SECOND / 2;
	ck_assert_int_eq(screen_delay(&screen), SECOND / 2);
}
END_TEST

/* It goes to standard error, and is erased before the result. */
START_TEST(test_progress)
{
	screen.started_at -= 3 * SECOND + SECOND / 2;
	ck_assert_int_eq(screen_show(&screen, &progress), SECOND / 5);
	screen_result(&screen, sessions, 1);
	suites_expect(screen.errors,
	    "\r2 of 5 targets done, 1 names to look up, 3 s\033[K\r\033[K");
	begins(screen.output, "TARGET ");
}
END_TEST

/* To a file: a line for each, with the time before it. */
START_TEST(test_watch_lines)
{
	const char *text;

	options.watch = options.quiet = true;
	options.interval = 7;
	ck_assert_int_eq(screen_show(&screen, &progress), 7);
	text = suites_printed(screen.output);
	ck_assert_int_eq(text[10], 'T');
	ck_assert_int_eq(text[19], 'Z');
	text += 20;
	/* Without the first, which is ok. */
	ck_assert_msg(
	    strncmp(text, " 192.0.2.2:7 sent 1", 19) == 0, "%s", text);
	suites_expect(screen.errors, "");
}
END_TEST

/* To a terminal: the table, in place. */
START_TEST(test_watch_terminal)
{
	const char *text;

	options.watch = true;
	screen.is_terminal = true;
	ck_assert_int_eq(screen_show(&screen, &progress), SECOND);
	text = suites_printed(screen.output);
	ck_assert_msg(
	    strncmp(text, "\033[H\033[2J\033[?7lTARGET ", 19) == 0, "%s", text);
	/* The worst first. */
	ck_assert_msg(
	    strncmp(strchr(text, '\n'), "\n192.0.2.2:7 ", 13) == 0, "%s", text);
	/* Lines wrap again for whatever writes next. */
	ck_assert_str_eq(text + strlen(text) - 5, "\033[?7h");
}
END_TEST

START_TEST(test_live)
{
	ck_assert(!screen_is_live(&screen));
	screen.is_terminal = true;
	ck_assert(!screen_is_live(&screen));
	options.watch = true;
	ck_assert(screen_is_live(&screen));
	screen.is_terminal = false;
	ck_assert(!screen_is_live(&screen));
}
END_TEST

/* Nobody can see it any more. */
START_TEST(test_watch_closed)
{
	fclose(screen.output);
	fclose(fopen(SCRATCH_FILE, "w"));
	/* Nothing can be written there. */
	screen.output = fopen(SCRATCH_FILE, "r");
	ck_assert_ptr_nonnull(screen.output);
	options.watch = true;
	ck_assert_int_eq(screen_show(&screen, &progress), -1);
	fclose(screen.output);
	scratch_remove();
}
END_TEST

static const struct {
	bool json, nagios, watch, terminal;
	const char *begin;
} results[] = {
	{ false, false, false, false, "TARGET " },
	{ true, false, false, false, "{\"service\":\"echo\"" },
	{ false, true, false, false, "MHPROBE " },
	{ false, false, true, false, "TARGET " },
	{ false, false, true, true, "\033[H\033[2JTARGET " },
};

START_TEST(test_result)
{
	options.json = results[_i].json;
	options.nagios = results[_i].nagios;
	options.watch = results[_i].watch;
	screen.is_terminal = results[_i].terminal;
	screen_result(&screen, sessions, SUITES_KINDS);
	begins(screen.output, results[_i].begin);
	suites_expect(screen.errors, "");
}
END_TEST

/* What is ok is left out of JSON, too. */
START_TEST(test_result_quiet)
{
	options.json = options.quiet = true;
	screen_result(&screen, sessions, 1);
	suites_expect(screen.output, "");
}
END_TEST

static const struct {
	bool terminal;
	const char *no_colour; /* NULL: not set */
	bool colour;
} colours[] = {
	{ true, NULL, true },
	{ true, "", true },
	{ true, "1", false },
	{ false, NULL, false },
};

/* On a terminal also what to do about the one that is wrong. */
START_TEST(test_colour)
{
	const char *text;

	screen.is_terminal = colours[_i].terminal;
	if (colours[_i].no_colour != NULL)
		set_no_color(colours[_i].no_colour);
	screen_result(&screen, sessions, SUITES_KINDS);
	text = suites_printed(screen.output);
	ck_assert_int_eq(
	    strstr(text, "\033[32mok") != NULL, colours[_i].colour);
	ck_assert_int_eq(
	    strstr(text, "\nmhrun(1) ") != NULL, colours[_i].terminal);
}
END_TEST

Suite *
probe_screen_suite(void)
{
	Suite *suite = suite_create("probe screen");
	TCase *tcase = tcase_create("screen");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_delay);
	tcase_add_test(tcase, test_progress);
	tcase_add_test(tcase, test_watch_lines);
	tcase_add_test(tcase, test_watch_terminal);
	tcase_add_test(tcase, test_live);
	tcase_add_test(tcase, test_watch_closed);
	tcase_add_loop_test(tcase, test_result, 0, LENGTH(results));
	tcase_add_test(tcase, test_result_quiet);
	tcase_add_loop_test(tcase, test_colour, 0, LENGTH(colours));
	suite_add_tcase(suite, tcase);
	return suite;
}
