/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/log.c: what is said at which level, and how often.
 */
#include "daemon/log.h"

#include "unit/scratch.h"
#include "unit/unit.h"

#include <string.h>

enum { MINUTE_S = 60 };
#define SECONDS(n) (INT64_C(1000000000) * (n))

static const struct {
	int verbosity;
	const char *expected;
} levels[] = {
	{ -3, "multihomed: error: a 1\n" },
	{ -2, "multihomed: error: a 1\n" },
	{ -1, "multihomed: error: a 1\nmultihomed: warning: b 2\n" },
	{ 0,
	    "multihomed: error: a 1\nmultihomed: warning: b 2\n"
	    "multihomed: c 3\n" },
	{ 1,
	    "multihomed: error: a 1\nmultihomed: warning: b 2\n"
	    "multihomed: c 3\nmultihomed: debug: d 4\n" },
};

START_TEST(has_levels)
{
	log_open(levels[_i].verbosity);
	log_error("a %d", 1);
	log_warning("b %d", 2);
	log_info("c %d", 3);
	log_debug("d %d", 4);
	log_open(0);
	ck_assert_str_eq(scratch_log(), levels[_i].expected);
}
END_TEST

START_TEST(cuts_long_lines)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
	text[1023] = '\0';
	ck_assert_str_eq(
	    scratch_log() + strlen("multihomed: error: "), strcat(text, "\n"));
}
END_TEST

START_TEST(limits_what_strangers_cause)
{
	struct log_limit limit = { .next = 0 };
	int i;

	log_limited(&limit, SECONDS(100), "no. %d", 1);
	ck_assert_str_eq(scratch_log(), "multihomed: warning: no. 1\n");
	for (i = 2; i < 1000; i++)
		log_limited(&limit, SECONDS(100) + i, "no. %d", i);
	log_limited(&limit, SECONDS(100 + MINUTE_S) - 1, "no. %d", i);
	ck_assert_str_eq(scratch_log(), "");
	log_limited(&limit, SECONDS(100 + MINUTE_S), "no. %d", 1001);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: no. 1001 (and 999 more since the last such "
	    "line)\n");
	log_limited(&limit, SECONDS(100 + 2 * MINUTE_S), "again");
	ck_assert_str_eq(scratch_log(), "multihomed: warning: again\n");
}
END_TEST

Suite *
log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_checked_fixture(tcase, scratch_log_begin, scratch_remove);
	tcase_add_loop_test(tcase, has_levels, 0, LENGTH(levels));
	tcase_add_test(tcase, cuts_long_lines);
	tcase_add_test(tcase, limits_what_strangers_cause);
	suite_add_tcase(suite, tcase);
	return suite;
}
