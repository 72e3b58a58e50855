/* SPDX-License-Identifier: ISC */
/*
 * src/common/request.c: what mhctl says is what the daemon understands, and of
 * anything else it says what is wrong.
 */
#include "common/request.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct request request;
static char why[REQUEST_WHY];

static const struct {
	const char *command, *argument; /* NULL: none */
	bool is_json;
	const char *line;
} good[] = {
	{ "status", NULL, false, "mhctl/1 text status\n" },
	{ "status", NULL, true, "mhctl/1 json status\n" },
	{ "drops", NULL, false, "mhctl/1 text drops\n" },
	{ "drops", "192.0.2.9", false, "mhctl/1 text drops 192.0.2.9\n" },
	{ "drops", "2001:DB8::9", true, "mhctl/1 json drops 2001:db8::9\n" },
	{ "top", NULL, false, "mhctl/1 text top\n" },
	{ "sessions", NULL, false, "mhctl/1 text sessions\n" },
	{ "drain", NULL, false, "mhctl/1 text drain\n" },
	{ "undrain", NULL, false, "mhctl/1 text undrain\n" },
	{ "reload", NULL, true, "mhctl/1 json reload\n" },
	{ "log-level", NULL, false, "mhctl/1 text log-level\n" },
	{ "log-level", "error", false, "mhctl/1 text log-level error\n" },
	{ "log-level", "debug", false, "mhctl/1 text log-level debug\n" },
};

START_TEST(test_both_ends)
{
	struct request parsed;
	char line[REQUEST_MAX];

	request = (struct request){ .is_json = good[_i].is_json };
	ck_assert_msg(
	    request_read(&request, good[_i].command, good[_i].argument, why),
	    "%s", why);
	request_format(&request, line);
	ck_assert_str_eq(line, good[_i].line);
	ck_assert(request_is_whole(line, strlen(line)));
	ck_assert(!request_is_whole(line, strlen(line) - 1));
	ck_assert_msg(
	    request_parse(&parsed, line, strlen(line), why), "%s", why);
	ck_assert_int_eq(parsed.verb, request.verb);
	ck_assert_int_eq(parsed.is_json, good[_i].is_json);
	ck_assert_int_eq(parsed.level, request.level);
	ck_assert_int_eq(mh_address_compare(&parsed.peer, &request.peer), 0);
}
END_TEST

/* Each command of the help is understood. */
START_TEST(test_table)
{
	const struct request_command *command = &request_commands[_i];

	ck_assert(request_read(&request, command->name, NULL, why));
	ck_assert_int_eq(request.verb, _i);
	ck_assert_int_eq(request.level, -1);
	ck_assert_ptr_null(request_commands[REQUEST_VERBS].name);
}
END_TEST

static const struct {
	const char *command, *argument, *why;
} bad[] = {
	{ "stats", NULL, "unknown command \"stats\"" },
	{ "", NULL, "unknown command \"\"" },
	{ "status", "now", "status takes no argument" },
	{ "drops", "localhost",
	    "drops: \"localhost\" is not an address: cannot be read" },
	{ "log-level", "verbose",
	    "log-level: must be one of error, warning, info and debug, not "
	    "\"verbose\"" },
};

START_TEST(test_bad)
{
	ck_assert(
	    !request_read(&request, bad[_i].command, bad[_i].argument, why));
	ck_assert_msg(strncmp(why, bad[_i].why, 30) == 0, "%s", why);
}
END_TEST

#define NOT_OURS "not a request of mhctl/1"

static const struct {
	const char *text;
	size_t length; /* 0: to its end */
	const char *why;
} lines[] = {
	{ "", 0, NOT_OURS },
	{ "\n", 0, NOT_OURS },
	{ "mhctl/1 text\n", 0, NOT_OURS },
	{ "mhctl/1 text status", 0, NOT_OURS },
	{ "mhctl/2 text status\n", 0, NOT_OURS },
	{ "mhctl/1 xml status\n", 0, NOT_OURS },
	{ "mhctl/1  text status\n", 0, NOT_OURS },
	{ "mhctl/1 text drops 192.0.2.1 2\n", 0, NOT_OURS },
	{ "mhctl/1 text status\0\n", 21, NOT_OURS },
	{ "mhctl/1 text status\r\n", 0, NOT_OURS },
	{ "mhctl/1 text st\xc3\xa4tus\n", 0, NOT_OURS },
	{ "GET / HTTP/1.1\r\n", 0, NOT_OURS },
	{ "mhctl/1 text nothing\n", 0, "unknown command \"nothing\"" },
	{ "mhctl/1 text drops \n", 0, "drops: \"\" is not an address" },
};

START_TEST(test_bad_lines)
{
	size_t length =
	    lines[_i].length != 0 ? lines[_i].length : strlen(lines[_i].text);
	/* Of exactly its size, so that sanitizers see reads beyond it. */
	char *text = malloc(length + 1);

	memcpy(text, lines[_i].text, length);
	ck_assert(!request_parse(&request, text, length, why));
	ck_assert_msg(
	    strncmp(why, lines[_i].why, strlen(lines[_i].why)) == 0, "%s", why);
	free(text);
}
END_TEST

/* Nobody is waited for who sends more than any request has. */
START_TEST(test_too_long)
{
	char text[REQUEST_MAX];

	memset(text, 'x', sizeof(text));
	ck_assert(!request_is_whole(text, sizeof(text) - 1));
	ck_assert(request_is_whole(text, sizeof(text)));
	ck_assert(!request_parse(&request, text, sizeof(text), why));
}
END_TEST

/* The form of the answer is known even if the rest is wrong. */
START_TEST(test_form_of_errors)
{
	static const char line[] = "mhctl/1 json nothing\n";

	ck_assert(!request_parse(&request, line, strlen(line), why));
	ck_assert(request.is_json);
}
END_TEST

Suite *
request_suite(void)
{
	Suite *suite = suite_create("request");
	TCase *tcase = tcase_create("request");

	tcase_add_loop_test(tcase, test_both_ends, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_table, 0, REQUEST_VERBS);
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_loop_test(tcase, test_bad_lines, 0, LENGTH(lines));
	tcase_add_test(tcase, test_too_long);
	tcase_add_test(tcase, test_form_of_errors);
	suite_add_tcase(suite, tcase);
	return suite;
}
