/* SPDX-License-Identifier: ISC */
/*
 * src/probe/table.c: sessions of every kind as a table and as lines, to the
 * byte.
 */
#include "probe/table.h"

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

static const char heading[] = "TARGET          SENT RECV  SOURCE            "
			      "RTT MIN/AVG/MAX/DEV, MS TTL\n";
static const char summary[] =
    "5 targets: 1 ok, 1 WRONG, 2 no answer, 1 error; 5 sent, 3 received, "
    "RTT 1.000/1.667/3.000 ms\n";

START_TEST(test_table)
{
	const struct table_style style = { .quiet = false };
	FILE *file = suites_output();
	char wanted[2048];

	snprintf(wanted, sizeof(wanted), "%s%s%s", heading,
	    "192.0.2.1:7        2    2  ok                "
	    "1.000/2.000/3.000/1.000  64  a \"b\" \\c\n"
	    "192.0.2.2:7        1    1  WRONG 192.0.2.1   "
	    "1.000/1.000/1.000/0.000  64\n"
	    "[2001:db8::2]:7    1    0  no answer         -                   "
	    "      -\n"
	    "[2001:db8::3]:7    1    0  port unreachable  -                   "
	    "      -\n"
	    "example.invalid    0    0  error             -                   "
	    "      -  cannot look up: no such name\n",
	    summary);
	table_print(file, sessions, SUITES_KINDS, &style);
	suites_expect(file, wanted);
}
END_TEST

/* As wide as the headings at least. */
START_TEST(test_table_narrow)
{
	const struct table_style style = { .quiet = false };
	FILE *file = suites_output();

	sessions[4]->name = "x";
	sessions[4]->error[0] = '\0';
	table_print(file, &sessions[4], 1, &style);
	suites_expect(file,
	    "TARGET SENT RECV  SOURCE     RTT MIN/AVG/MAX/DEV, MS TTL\n"
	    "x         0    0  no answer  -                         -\n"
	    "1 target: 0 ok, 0 WRONG, 1 no answer, 0 errors; 0 sent, 0 "
	    "received\n");
}
END_TEST

START_TEST(test_table_quiet)
{
	const struct table_style style = { .quiet = true };
	FILE *file = suites_output();

	table_print(file, sessions, 2, &style);
	suites_expect(file,
	    "TARGET      SENT RECV  SOURCE           RTT MIN/AVG/MAX/DEV, MS "
	    "TTL\n"
	    "192.0.2.2:7    1    1  WRONG 192.0.2.1  1.000/1.000/1.000/0.000  "
	    "64\n"
	    "2 targets: 1 ok, 1 WRONG, 0 no answer, 0 errors; 3 sent, 3 "
	    "received, RTT 1.000/1.667/3.000 ms\n");
	file = suites_output();
	table_print(file, sessions, 1, &style);
	suites_expect(file, "");
}
END_TEST

START_TEST(test_table_fit)
{
	const struct table_style style = { .rows = 1, .colour = true };
	FILE *file = suites_output();

	table_print(file, sessions, 2, &style);
	suites_expect(file,
	    "TARGET      SENT RECV  SOURCE           RTT MIN/AVG/MAX/DEV, MS "
	    "TTL\n"
	    "192.0.2.1:7    2    2  \033[32mok             \033[0m  "
	    "1.000/2.000/3.000/1.000  64  a \"b\" \\c\n"
	    "... and 1 more\n"
	    "2 targets: 1 ok, 1 WRONG, 0 no answer, 0 errors; 3 sent, 3 "
	    "received, RTT 1.000/1.667/3.000 ms\n");
}
END_TEST

/* Those that are not ok, and no others, are counted. */
START_TEST(test_table_fit_quiet)
{
	const struct table_style style = { .rows = 1, .quiet = true };
	struct session *some[] = { sessions[1], sessions[2], sessions[0] };
	FILE *file = suites_output();
	const char *text;

	table_print(file, some, 3, &style);
	text = suites_printed(file);
	ck_assert_msg(strstr(text, "\n... and 1 more\n") != NULL, "%s", text);
}
END_TEST

/* Target and source are there in any case; notes as far as they fit. */
static const struct {
	unsigned int columns;
	const char *heading, *wrong, *error, *more;
} narrow[] = {
	{ 71, "TARGET          SENT RECV  SOURCE            RTT AVG, MS",
	    "192.0.2.2:7        1    1  WRONG 192.0.2.1   1.000      \n",
	    "example.invalid    0    0  error             -            cannot "
	    "look u\n",
	    "... and 3 more" },
	{ 60, "TARGET          SENT RECV  SOURCE            RTT AVG, MS",
	    "192.0.2.2:7        1    1  WRONG 192.0.2.1   1.000      ",
	    "example.invalid    0    0  error             -            ca\n",
	    "... and 3 more" },
	{ 50, "TARGET          SENT RECV  SOURCE          ",
	    "192.0.2.2:7        1    1  WRONG 192.0.2.1 ",
	    "example.invalid    0    0  error             canno",
	    "... and 3 more" },
	{ 40, "TARGET           SOURCE          ",
	    "192.0.2.2:7      WRONG 192.0.2.1 ",
	    "example.invalid  error             canno", "... and 3 more" },
	{ 20, "TARGET    SOURCE    ", "\n~0.2.2:7  WRONG 192.\n",
	    "\n~invalid  error     \n", "... and 3 more" },
	{ 8, "TARGET  ", "", "", "... and " },
};

START_TEST(test_table_narrow_screen)
{
	const struct table_style style = { .rows = 2,
		.columns = narrow[_i].columns };
	struct session *some[] = { sessions[1], sessions[4], sessions[0],
		sessions[2], sessions[3] };
	FILE *file = suites_output();
	const char *text, *end;
	unsigned int lines = 0;

	table_print(file, some, 5, &style);
	text = suites_printed(file);
	ck_assert_msg(
	    strncmp(text, narrow[_i].heading, strlen(narrow[_i].heading)) == 0,
	    "%s", text);
	ck_assert_msg(strstr(text, narrow[_i].wrong) != NULL, "%s", text);
	ck_assert_msg(strstr(text, narrow[_i].error) != NULL, "%s", text);
	ck_assert_msg(strstr(text, narrow[_i].more) != NULL, "%s", text);
	for (; *text != '\0'; text = end + 1, lines++) {
		end = strchr(text, '\n');
		ck_assert_ptr_nonnull(end);
		ck_assert_msg((size_t)(end - text) <= narrow[_i].columns,
		    "%.*s", (int)(end - text), text);
	}
	ck_assert_uint_eq(lines, 5);
}
END_TEST

/* On a screen, what has begun to fail says so; in the result it is ok. */
START_TEST(test_table_failing)
{
	const struct table_style screen = { .rows = 9, .colour = true };
	const struct table_style paper = { .colour = true };
	struct session *session;
	const char *text;
	FILE *file;

	plan.count = 3;
	session = suites_session(&plan, "192.0.2.1:7");
	suites_send(session, 0);
	suites_answer(session, 0, "192.0.2.1:7", 1);
	suites_send(session, 100);
	session_expire(session, INT64_C(5000000000));
	file = suites_output();
	table_print(file, &session, 1, &screen);
	text = suites_printed(file);
	ck_assert_msg(strstr(text, "\033[33mok") != NULL, "%s", text);
	ck_assert_ptr_nonnull(
	    strstr(text, " 64  no answer to the last request\n"));
	file = suites_output();
	table_print(file, &session, 1, &paper);
	text = suites_printed(file);
	ck_assert_msg(strstr(text, "\033[32mok") != NULL, "%s", text);
	ck_assert_ptr_null(strstr(text, "last request"));
	session_free(session);
}
END_TEST

/* A name from a file does not clear the screen. */
START_TEST(test_table_escape)
{
	const struct table_style style = { .quiet = false };
	FILE *file = suites_output();
	const char *text;

	sessions[4]->name = "a\033[2Jb";
	table_print(file, &sessions[4], 1, &style);
	text = suites_printed(file);
	ck_assert_msg(strstr(text, "\na?[2Jb ") != NULL, "%s", text);
}
END_TEST

START_TEST(test_percentiles)
{
	const struct table_style style = { .quiet = false };
	struct session *session;
	FILE *file = suites_output();
	unsigned int i;

	plan.count = 100;
	session = suites_session(&plan, "192.0.2.1:7");
	for (i = 0; i < 100; i++) {
		suites_send(session, 1000 * i);
		suites_answer(session, i, "192.0.2.1:7", 1001 * i + 1);
	}
	table_print(file, &session, 1, &style);
	suites_expect(file,
	    "TARGET      SENT RECV  SOURCE  RTT MIN/AVG/MAX/DEV, MS     TTL\n"
	    "192.0.2.1:7  100  100  ok      1.000/50.500/100.000/28.866  64\n"
	    "  50% in 50.000 ms, 90% in 90.000 ms, 99% in 99.000 ms\n"
	    "1 target: 1 ok, 0 WRONG, 0 no answer, 0 errors; 100 sent, 100 "
	    "received, RTT 1.000/50.500/100.000 ms\n");
	session_free(session);
}
END_TEST

START_TEST(test_line)
{
	FILE *file = suites_output();

	table_print_line(file, "now", sessions[1]);
	table_print_line(file, "now", sessions[4]);
	suites_expect(file,
	    "now 192.0.2.2:7 sent 1 received 1 WRONG 192.0.2.1 rtt "
	    "1.000/1.000/1.000/0.000\n"
	    "now example.invalid sent 0 received 0 error rtt -  cannot look "
	    "up: no such name\n");
}
END_TEST

Suite *
probe_table_suite(void)
{
	Suite *suite = suite_create("probe table");
	TCase *tcase = tcase_create("table");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_table);
	tcase_add_test(tcase, test_table_narrow);
	tcase_add_test(tcase, test_table_quiet);
	tcase_add_test(tcase, test_table_fit);
	tcase_add_test(tcase, test_table_fit_quiet);
	tcase_add_loop_test(tcase, test_table_narrow_screen, 0, LENGTH(narrow));
	tcase_add_test(tcase, test_table_failing);
	tcase_add_test(tcase, test_table_escape);
	tcase_add_test(tcase, test_percentiles);
	tcase_add_test(tcase, test_line);
	suite_add_tcase(suite, tcase);
	return suite;
}
