/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/base/log.c: what is logged at which level, and how often.
 */
#include "daemon/base/log.h"

#include "common/strbuf.h"
#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE_S = 60 };
#define SECONDS(n) (INT64_C(1000000000) * (n))

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
}

static void
teardown(void)
{
	log_open(LOG_LEVEL_INFO, false);
	scratch_remove();
}

static void
log_all(void)
{
	log_error("a %d", 1);
	log_warning("b %d", 2);
	log_info("c %d", 3);
	log_debug("d %d", 4);
}

static const struct {
	enum log_level level;
	const char *expected;
} levels[] = {
	{ LOG_LEVEL_ERROR, "multihomed: error: a 1\n" },
	{ LOG_LEVEL_WARNING,
	    "multihomed: error: a 1\nmultihomed: warning: b 2\n" },
	{ LOG_LEVEL_INFO,
	    "multihomed: error: a 1\nmultihomed: warning: b 2\n"
	    "multihomed: c 3\n" },
	{ LOG_LEVEL_DEBUG,
	    "multihomed: error: a 1\nmultihomed: warning: b 2\n"
	    "multihomed: c 3\nmultihomed: debug: d 4\n" },
};

START_TEST(test_has_levels)
{
	log_open(levels[_i].level, false);
	log_all();
	ck_assert_str_eq(scratch_log(), levels[_i].expected);
}
END_TEST

/* The journal of systemd reads them off standard error. */
START_TEST(test_gives_priorities)
{
	fake_host.manager = true;
	log_open(LOG_LEVEL_DEBUG, false);
	log_all();
	ck_assert_str_eq(scratch_log(), "<3>a 1\n<4>b 2\n<5>c 3\n<6>d 4\n");
}
END_TEST

START_TEST(test_uses_the_system_log)
{
	log_open(LOG_LEVEL_INFO, true);
	log_open(LOG_LEVEL_INFO, true);
	ck_assert_uint_eq(fake_host.syslog_opened, 1);
	log_warning("b %d", 2);
	log_debug("d %d", 4);
	ck_assert_str_eq(fake_host.syslog, "1 b 2");
	ck_assert_str_eq(scratch_log(), "");
	log_open(LOG_LEVEL_INFO, false);
	log_info("c");
	ck_assert_str_eq(scratch_log(), "multihomed: c\n");
}
END_TEST

/* Whoever starts it sees why it fails; later the system log is enough. */
START_TEST(test_shows_errors_of_the_start)
{
	log_open(LOG_LEVEL_INFO, true);
	log_warning("b");
	log_error("a");
	ck_assert_str_eq(fake_host.syslog, "0 a");
	ck_assert_str_eq(scratch_log(), "multihomed: error: a\n");
	log_ready(true);
	log_error("c");
	ck_assert_str_eq(fake_host.syslog, "0 c");
	ck_assert_str_eq(scratch_log(), "");
	log_ready(false);
}
END_TEST

/* Where there is no standard error, whatever was requested. */
START_TEST(test_has_nothing_but_the_system_log)
{
	log_open(LOG_LEVEL_INFO, false);
	fake_host.syslog_wanted = true;
	log_warning("b %d", 2);
	ck_assert_str_eq(fake_host.syslog, "1 b 2");
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* Nobody reads: only the first line is waited for. */
START_TEST(test_loses_lines_rather_than_wait)
{
	int i;

	log_open(LOG_LEVEL_INFO, false);
	fake_host.error_full = true;
	for (i = 0; i < 1000; i++)
		log_info("c %d", i);
	ck_assert_uint_eq(fake_host.error_waits, 1);
	ck_assert_str_eq(scratch_log(), "");
	fake_host.error_full = false;
	log_info("d");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: 1000 log lines dropped: stderr blocked\n"
	    "multihomed: d\n");
	log_info("e");
	ck_assert_str_eq(scratch_log(), "multihomed: e\n");
}
END_TEST

START_TEST(test_loses_lines_of_the_system_log)
{
	int i;

	log_open(LOG_LEVEL_INFO, true);
	fake_host.syslog_full = true;
	for (i = 0; i < 1000; i++)
		log_info("c %d", i);
	ck_assert_uint_eq(fake_host.syslog_waits, 1);
	fake_host.syslog_full = false;
	log_info("d");
	ck_assert_str_eq(fake_host.syslog, "2 d");
	log_info("e");
	ck_assert_str_eq(fake_host.syslog, "2 e");
	/* The other one has lost nothing. */
	log_open(LOG_LEVEL_INFO, false);
	log_info("f");
	ck_assert_str_eq(scratch_log(), "multihomed: f\n");
}
END_TEST

/* What peers cause is not waited for at all. */
START_TEST(test_at_once)
{
	log_open(LOG_LEVEL_INFO, false);
	fake_host.error_full = true;
	log_at_once(LOG_LEVEL_INFO, "c %d", 3);
	log_at_once(LOG_LEVEL_DEBUG, "c %d", 4);
	ck_assert_uint_eq(fake_host.error_waits, 0);
	fake_host.error_full = false;
	log_at_once(LOG_LEVEL_INFO, "d");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: 1 log lines dropped: stderr blocked\n"
	    "multihomed: d\n");
}
END_TEST

START_TEST(test_cuts_long_lines)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
	text[2047] = '\0';
	ck_assert_str_eq(
	    scratch_log() + strlen("multihomed: error: "), strcat(text, "\n"));
}
END_TEST

START_TEST(test_limits_what_strangers_cause)
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

START_TEST(test_level_alone)
{
	log_open(LOG_LEVEL_INFO, false);
	log_set_level(LOG_LEVEL_ERROR);
	ck_assert_int_eq(log_get_level(), LOG_LEVEL_ERROR);
	log_all();
	ck_assert_str_eq(scratch_log(), "multihomed: error: a 1\n");
}
END_TEST

/* Of any kind, and as often as the caller wants. */
START_TEST(test_limit_passes)
{
	struct log_limit limit = { .next = 0 };
	uint64_t more = 99;

	ck_assert(log_limit_passes(&limit, 10, 5, &more));
	ck_assert_uint_eq(more, 0);
	ck_assert(!log_limit_passes(&limit, 14, 5, &more));
	ck_assert(!log_limit_passes(&limit, 14, 5, &more));
	ck_assert(log_limit_passes(&limit, 15, 5, &more));
	ck_assert_uint_eq(more, 2);
	ck_assert(log_limit_passes(&limit, 20, 5, &more));
	ck_assert_uint_eq(more, 0);
}
END_TEST

/* Whoever asked learns what is wrong, whatever is logged. */
START_TEST(test_collects)
{
	struct strbuf lines = { .text = NULL };
	int i;

	log_open(LOG_LEVEL_ERROR, false);
	log_collect(&lines);
	log_all();
	log_collect(NULL);
	log_error("later");
	ck_assert_str_eq(lines.text, "error: a 1\nwarning: b 2\n");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: error: a 1\nmultihomed: error: later\n");
	log_collect(&lines);
	for (i = 0; i < 10000; i++)
		log_warning("0123456789 0123456789");
	log_collect(NULL);
	ck_assert_uint_lt(lines.length, 66000);
	free(lines.text);
}
END_TEST

Suite *
log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_has_levels, 0, LENGTH(levels));
	tcase_add_test(tcase, test_gives_priorities);
	tcase_add_test(tcase, test_uses_the_system_log);
	tcase_add_test(tcase, test_shows_errors_of_the_start);
	tcase_add_test(tcase, test_has_nothing_but_the_system_log);
	tcase_add_test(tcase, test_loses_lines_rather_than_wait);
	tcase_add_test(tcase, test_loses_lines_of_the_system_log);
	tcase_add_test(tcase, test_at_once);
	tcase_add_test(tcase, test_cuts_long_lines);
	tcase_add_test(tcase, test_limits_what_strangers_cause);
	tcase_add_test(tcase, test_level_alone);
	tcase_add_test(tcase, test_limit_passes);
	tcase_add_test(tcase, test_collects);
	suite_add_tcase(suite, tcase);
	return suite;
}
