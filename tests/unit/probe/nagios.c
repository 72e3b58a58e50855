/* SPDX-License-Identifier: ISC */
/*
 * src/probe/nagios.c: the plugin's line, to the byte.
 */
#include "probe/nagios.h"

#include "unit/probe/suites.h"

#include <stdio.h>
#include <string.h>

static struct session_plan plan;
static struct session *sessions[SUITES_KINDS];
static struct options options;

static void
setup(void)
{
	options = (struct options){ .nagios = true };
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
	nagios_print(file, &options, &sessions[4], 1);
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
	{ 0, 1, 0,
	    "MHPROBE OK: 1 of 1 targets answered from where they were asked | "
	    "ok=1;;;0;1 wrong=0;;;0;1 no_answer=0;;;0;1 errors=0;;;0;1 "
	    "loss=0.00%;;;0;100 rta=2.000ms;;;0 rtmax=3.000ms;;;0\n" },
	{ 0, 2, 2,
	    "MHPROBE CRITICAL: 1 of 2 targets answered from where they were "
	    "asked; 192.0.2.2:7 WRONG 192.0.2.1 | ok=1;;;0;2 wrong=1;;;0;2 "
	    "no_answer=0;;;0;2 errors=0;;;0;2 loss=0.00%;;;0;100 "
	    "rta=2.000ms;;;0 rtmax=3.000ms;;;0\n" },
	/* What is known to be broken counts before what is unknown. */
	{ 3, 2, 2,
	    "MHPROBE CRITICAL: 0 of 2 targets answered from where they were "
	    "asked; [2001:db8::3]:7 port unreachable; example.invalid cannot "
	    "look up: no such name | ok=0;;;0;2 wrong=0;;;0;2 "
	    "no_answer=1;;;0;2 errors=1;;;0;2 loss=100.00%;;;0;100\n" },
	{ 2, 2, 2,
	    "MHPROBE CRITICAL: 0 of 2 targets answered from where they were "
	    "asked; [2001:db8::2]:7 no answer; [2001:db8::3]:7 port "
	    "unreachable | ok=0;;;0;2 wrong=0;;;0;2 no_answer=2;;;0;2 "
	    "errors=0;;;0;2 loss=100.00%;;;0;100\n" },
	{ 4, 1, 3,
	    "MHPROBE UNKNOWN: 0 of 1 targets answered from where they were "
	    "asked; example.invalid cannot look up: no such name | ok=0;;;0;1 "
	    "wrong=0;;;0;1 no_answer=0;;;0;1 errors=1;;;0;1 "
	    "loss=0.00%;;;0;100\n" },
};

START_TEST(test_nagios)
{
	struct session **first = &sessions[plugins[_i].first];
	FILE *file = suites_output();

	nagios_print(file, &options, first, plugins[_i].count);
	suites_expect(file, plugins[_i].line);
	ck_assert_int_eq(
	    nagios_exit(&options, first, plugins[_i].count), plugins[_i].exit);
}
END_TEST

/* Nobody was asked. */
START_TEST(test_nagios_none)
{
	ck_assert_int_eq(nagios_exit(&options, sessions, 0), 3);
}
END_TEST

static void
set(struct threshold *threshold, const char *text)
{
	char why[THRESHOLD_WHY];

	if (text != NULL)
		ck_assert_msg(threshold_parse(threshold, text, why), "%s", why);
}

/*
 * Of two targets: one with 2 ms and nothing lost, and one with 5 ms, which has
 * lost a third.
 */
static const struct {
	const char *warning, *critical;
	int exit;
	const char *says; /* of them */
	const char *data;
} thresholds[] = {
	{ "5,34%", "6,35%", 0, "asked | ",
	    "loss=33.33%;34;35;0;100 rta=5.000ms;5;6;0 rtmax=5.000ms;;;0\n" },
	{ "4.9", NULL, 1, "asked; 192.0.2.2:7 RTA 5.000 ms above 4.9 | ",
	    "loss=33.33%;;;0;100 rta=5.000ms;4.9;;0 rtmax=5.000ms;;;0\n" },
	{ "33.3%", "99%", 1, "asked; 192.0.2.2:7 loss 33.33% above 33.3% | ",
	    "loss=33.33%;33.3;99;0;100 rta=5.000ms;;;0 rtmax=5.000ms;;;0\n" },
	{ NULL, "10%", 2, "asked; 192.0.2.2:7 loss 33.33% above 10% | ",
	    "loss=33.33%;;10;0;100 rta=5.000ms;;;0 rtmax=5.000ms;;;0\n" },
	/* The worst first, and by the threshold that makes it so. */
	{ "1,10%", "3,20%", 2,
	    "asked; 192.0.2.2:7 RTA 5.000 ms above 3, loss 33.33% above 20%; "
	    "192.0.2.1:7 RTA 2.000 ms above 1 | ",
	    "loss=33.33%;10;20;0;100 rta=5.000ms;1;3;0 rtmax=5.000ms;;;0\n" },
	{ "100%", "0", 2,
	    "asked; 192.0.2.1:7 RTA 2.000 ms above 0; 192.0.2.2:7 RTA 5.000 "
	    "ms above 0 | ",
	    "loss=33.33%;100;;0;100 rta=5.000ms;;0;0 rtmax=5.000ms;;;0\n" },
};

START_TEST(test_nagios_thresholds)
{
	struct session *some[] = { sessions[0], NULL };
	FILE *file = suites_output();
	const char *text;
	unsigned int i;

	plan.count = 3;
	some[1] = suites_session(&plan, "192.0.2.2:7");
	for (i = 0; i < 3; i++) {
		suites_send(some[1], 100 * i);
		if (i < 2)
			suites_answer(some[1], i, "192.0.2.2:7", 100 * i + 5);
	}
	session_expire(some[1], INT64_C(5000000000));
	set(&options.warning, thresholds[_i].warning);
	set(&options.critical, thresholds[_i].critical);
	nagios_print(file, &options, some, 2);
	text = suites_printed(file);
	ck_assert_msg(strstr(text, thresholds[_i].says) != NULL, "%s", text);
	ck_assert_msg(strstr(text, thresholds[_i].data) != NULL, "%s", text);
	ck_assert_int_eq(nagios_exit(&options, some, 2), thresholds[_i].exit);
	session_free(some[1]);
}
END_TEST

/* Whatever the thresholds allow, an answer from elsewhere is critical. */
START_TEST(test_nagios_wrong)
{
	set(&options.warning, "86400000,100%");
	set(&options.critical, "86400000,100%");
	ck_assert_int_eq(nagios_exit(&options, &sessions[0], 1), 0);
	ck_assert_int_eq(nagios_exit(&options, &sessions[1], 1), 2);
	ck_assert_int_eq(nagios_exit(&options, &sessions[2], 1), 2);
	sessions[0]->wrong_port = 1;
	ck_assert_int_eq(nagios_exit(&options, &sessions[0], 1), 2);
}
END_TEST

/* Why it may be silent. */
START_TEST(test_nagios_note)
{
	FILE *file = suites_output();

	session_note(sessions[2], "a|b");
	nagios_print(file, &options, &sessions[2], 1);
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

	nagios_print(file, &options, many, 8);
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
	tcase_add_test(tcase, test_nagios_none);
	tcase_add_loop_test(
	    tcase, test_nagios_thresholds, 0, LENGTH(thresholds));
	tcase_add_test(tcase, test_nagios_wrong);
	tcase_add_test(tcase, test_nagios_note);
	tcase_add_test(tcase, test_nagios_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
