/* SPDX-License-Identifier: ISC */
/*
 * src/ctl/options.c: what mhctl is to do, and what is wrong with a line.
 */
#include "ctl/options.h"

#include "unit/ctl/suites.h"

#include <string.h>

enum { WORDS_MAX = 8 };

static struct ctl_options options;
static char why[REQUEST_WHY];

static bool
read_line(const char *line)
{
	static char copy[256];
	static char *words[WORDS_MAX + 1];
	static char program[] = "mhctl";
	char *rest = copy;
	int count = 0;

	ck_assert_uint_lt(strlen(line), sizeof(copy));
	strcpy(copy, line);
	words[count++] = program;
	while ((words[count] = strtok_r(rest, " ", &rest)) != NULL)
		ck_assert_int_lt(++count, WORDS_MAX);
	return ctl_options_read(&options, count, words, why);
}

static const struct {
	const char *line;
	enum ctl_action action;
	const char *socket;
	enum request_verb verb;
	bool is_json;
} good[] = {
	{ "status", CTL_ASK, CTL_SOCKET, REQUEST_STATUS, false },
	{ "-s /a reload", CTL_ASK, "/a", REQUEST_RELOAD, false },
	{ "--socket=/a drops 192.0.2.1", CTL_ASK, "/a", REQUEST_DROPS, false },
	{ "-j top", CTL_ASK, CTL_SOCKET, REQUEST_TOP, true },
	{ "sessions --json", CTL_ASK, CTL_SOCKET, REQUEST_SESSIONS, true },
	{ "log-level warning", CTL_ASK, CTL_SOCKET, REQUEST_LOG_LEVEL, false },
	{ "-V", CTL_VERSION, CTL_SOCKET, REQUEST_STATUS, false },
	{ "-h nonsense", CTL_HELP, CTL_SOCKET, REQUEST_STATUS, false },
};

START_TEST(test_good)
{
	ck_assert_msg(read_line(good[_i].line), "%s: %s", good[_i].line, why);
	ck_assert_int_eq(options.action, good[_i].action);
	ck_assert_str_eq(options.socket, good[_i].socket);
	ck_assert_int_eq(options.request.verb, good[_i].verb);
	ck_assert_int_eq(options.request.is_json, good[_i].is_json);
}
END_TEST

static const struct {
	const char *line, *why;
} bad[] = {
	{ "", "no command given" },
	{ "-j", "no command given" },
	{ "--jsno status", "--jsno: unknown option" },
	{ "-s", "-s: requires a value" },
	{ "status now", "status takes no argument" },
	{ "drops 192.0.2.1 2", "2: more than one argument" },
	{ "nothing", "unknown command \"nothing\"" },
};

START_TEST(test_bad)
{
	ck_assert_msg(!read_line(bad[_i].line), "%s", bad[_i].line);
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

Suite *
ctl_options_suite(void)
{
	Suite *suite = suite_create("ctl options");
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	suite_add_tcase(suite, tcase);
	return suite;
}
