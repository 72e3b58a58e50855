/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/explain.c: every reason is explained, the common ones with
 * what helps, and the log is not flooded.
 */
#include "daemon/path/explain.h"

#include "services/table.h"
#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

static char buffer[320];
static struct strbuf text;
static struct drops_entry entry;
static struct drops drops;

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
	memset(&drops, 0, sizeof(drops));
	text = strbuf_over(buffer, sizeof(buffer));
	entry = (struct drops_entry){ .peer = unit_address("203.0.113.9:4000"),
		.local = unit_address("198.51.100.1:7008"),
		.service = &service_whoami,
		.last = 100 * SECOND,
		.count = 1,
		.request = 1,
		.reply = 190 };
}

static void
teardown(void)
{
	log_open(LOG_LEVEL_INFO, false);
	scratch_remove();
}

/* None is longer than a line of any log, or ends as a sentence. */
START_TEST(test_each)
{
	explain_drop(&text, (enum verdict)_i, &entry);
	ck_assert_ptr_eq(
	    strstr(buffer, "whoami to 203.0.113.9:4000: "), buffer);
	ck_assert_uint_gt(text.length, strlen("whoami to 203.0.113.9:4000: "));
	ck_assert(!text.lost);
	ck_assert(buffer[text.length - 1] != '.');
	ck_assert_ptr_null(strstr(buffer, "(null)"));
}
END_TEST

/* So is one whose peer is not known, as of what has left the queue. */
START_TEST(test_each_alone)
{
	explain_reason(&text, (enum verdict)_i, NULL);
	ck_assert_uint_gt(text.length, 0);
	ck_assert(!text.lost);
	ck_assert(buffer[text.length - 1] != '.');
	ck_assert_ptr_null(strstr(buffer, "(null)"));
}
END_TEST

START_TEST(test_too_long)
{
	explain_drop(&text, DROP_TOO_LONG, &entry);
	ck_assert_str_eq(buffer,
	    "whoami to 203.0.113.9:4000: reply of 190 bytes to a request of 1 "
	    "byte: pad it, or put the peer in trust");
	text.length = 0;
	entry.reply = 0;
	entry.request = 2;
	explain_reason(&text, DROP_TOO_LONG, &entry);
	ck_assert_str_eq(buffer,
	    "too long a reply to a request of 2 bytes: pad it, or put the peer "
	    "in trust");
	/* There it would not help. */
	text.length = 0;
	entry.service = &service_chargen;
	explain_reason(&text, DROP_TOO_LONG, &entry);
	ck_assert_ptr_nonnull(
	    strstr(buffer, "pad it, or raise max-amplification"));
}
END_TEST

START_TEST(test_numbers)
{
	entry.peer.port = 53;
	explain_reason(&text, DROP_REFUSED_PORT, &entry);
	ck_assert_ptr_eq(strstr(buffer, "port 53 is in refuse-ports"), buffer);
	text.length = 0;
	explain_reason(&text, DROP_TOO_BIG, &entry);
	ck_assert_ptr_eq(
	    strstr(buffer, "a reply of 190 bytes is larger than "), buffer);
}
END_TEST

static void
note(int64_t when)
{
	entry.last = when;
	explain_note(&drops, DROP_RATE, &entry);
}

/* One a second of each reason; and nothing unless it is for debugging. */
START_TEST(test_log)
{
	const char *log;
	int i;

	note(100 * SECOND);
	ck_assert_str_eq(scratch_log(), "");
	ck_assert_uint_eq(drops.entries[DROP_RATE][0].count, 1);
	log_open(LOG_LEVEL_DEBUG, false);
	note(100 * SECOND);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: debug: whoami to 203.0.113.9:4000: more datagrams "
	    "than rate allows: raise it, or put the peer in trust\n");
	for (i = 0; i < 1000; i++)
		note(100 * SECOND + i);
	ck_assert_str_eq(scratch_log(), "");
	explain_note(&drops, DROP_MALFORMED, &entry);
	ck_assert_ptr_nonnull(strstr(scratch_log(), "violates the protocol"));
	note(101 * SECOND);
	log = scratch_log();
	ck_assert_ptr_nonnull(strstr(log, " (and 1000 more such drops)\n"));
	ck_assert_uint_eq(drops.entries[DROP_RATE][0].count, 1003);
}
END_TEST

Suite *
explain_suite(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("explain");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_each, PASS, VERDICT_COUNT);
	tcase_add_loop_test(tcase, test_each_alone, PASS, VERDICT_COUNT);
	tcase_add_test(tcase, test_too_long);
	tcase_add_test(tcase, test_numbers);
	tcase_add_test(tcase, test_log);
	suite_add_tcase(suite, tcase);
	return suite;
}
