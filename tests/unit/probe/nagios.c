/* SPDX-License-Identifier: ISC */
/*
 * src/probe/nagios.c: the plugin's line, to the byte.
 */
#include "probe/nagios.h"

#include "probe/options.h"
#include "probe/summary.h"

#include "unit/probe/suites.h"

#include <stdio.h>
#include <string.h>

static struct session_plan plan;
static struct session *sessions[SUITES_KINDS];

static void
setup(void)
{
	plan = suites_plan();
	suites_kinds(&plan, sessions);
}

static void
teardown(void)
{
	unsigned int i;

	for (i = 0; i < SUITES_KINDS; i++)
		session_free(sessions[i]);
}

/* A bar in a name does not end the text. */
START_TEST(test_nagios_bar)
{
	FILE *file = suites_output();

	sessions[4]->name = "a|b\n=1";
	nagios_print(file, &sessions[4], 1);
	suites_expect(file,
	    "MHPROBE UNKNOWN: 0 of 1 targets answered from where they were "
	    "asked; a?b?=1 cannot look up: no such name | ok=0;;;0;1 "
	    "wrong=0;;;0;1 no_answer=0;;;0;1 errors=1;;;0;1 "
	    "loss=0.00%;;;0;100\n");
}
END_TEST

static const struct {
	unsigned int first, count;
	int exit;
	const char *line;
} plugins[] = {
	{ 0, 1, OPTIONS_EXIT_OK,
	    "MHPROBE OK: 1 of 1 targets answered from where they were asked | "
	    "ok=1;;;0;1 wrong=0;;;0;1 no_answer=0;;;0;1 errors=0;;;0;1 "
	    "loss=0.00%;;;0;100 rta=2.000ms;;;0 rtmax=3.000ms;;;0\n" },
	{ 0, 2, OPTIONS_EXIT_ELSEWHERE,
	    "MHPROBE WARNING: 1 of 2 targets answered from where they were "
	    "asked; 192.0.2.2:7 WRONG 192.0.2.1 | ok=1;;;0;2 wrong=1;;;0;2 "
	    "no_answer=0;;;0;2 errors=0;;;0;2 loss=0.00%;;;0;100 "
	    "rta=1.667ms;;;0 rtmax=3.000ms;;;0\n" },
	{ 2, 2, OPTIONS_EXIT_SILENT,
	    "MHPROBE CRITICAL: 0 of 2 targets answered from where they were "
	    "asked; [2001:db8::2]:7 no answer; [2001:db8::3]:7 port "
	    "unreachable | ok=0;;;0;2 wrong=0;;;0;2 no_answer=2;;;0;2 "
	    "errors=0;;;0;2 loss=100.00%;;;0;100\n" },
	{ 4, 1, OPTIONS_EXIT_ERROR,
	    "MHPROBE UNKNOWN: 0 of 1 targets answered from where they were "
	    "asked; example.invalid cannot look up: no such name | ok=0;;;0;1 "
	    "wrong=0;;;0;1 no_answer=0;;;0;1 errors=1;;;0;1 "
	    "loss=0.00%;;;0;100\n" },
};

START_TEST(test_nagios)
{
	struct session **first = &sessions[plugins[_i].first];
	struct summary summary = summary_of(first, plugins[_i].count);
	FILE *file = suites_output();

	nagios_print(file, first, plugins[_i].count);
	suites_expect(file, plugins[_i].line);
	ck_assert_int_eq(summary_exit(&summary), plugins[_i].exit);
}
END_TEST

/* Why it may be silent. */
START_TEST(test_nagios_note)
{
	FILE *file = suites_output();

	session_note(sessions[2], "a|b");
	nagios_print(file, &sessions[2], 1);
	ck_assert_ptr_nonnull(strstr(
	    suites_printed(file), "; [2001:db8::2]:7 no answer (a?b) | ok=0"));
}
END_TEST

/* If many are in trouble, the line names some. */
START_TEST(test_nagios_many)
{
	struct session *many[8] = { sessions[2], sessions[2], sessions[2],
		sessions[2], sessions[2], sessions[2], sessions[2],
		sessions[2] };
	FILE *file = suites_output();

	nagios_print(file, many, 8);
	ck_assert(strstr(suites_printed(file), "; and 3 more | ok=0") != NULL);
}
END_TEST

Suite *
probe_nagios_suite(void)
{
	Suite *suite = suite_create("probe nagios");
	TCase *tcase = tcase_create("nagios");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_nagios_bar);
	tcase_add_loop_test(tcase, test_nagios, 0, LENGTH(plugins));
	tcase_add_test(tcase, test_nagios_note);
	tcase_add_test(tcase, test_nagios_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
