/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/stats.c: sums, and the line that people read.
 */
#include "daemon/stats.h"

#include "unit/scratch.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

START_TEST(sums_all_reasons)
{
	struct stats stats = { .received = 99 };
	unsigned int i;

	ck_assert_uint_eq(stats_dropped(&stats), 0);
	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		stats.dropped[i] = UINT64_C(1) << i;
	ck_assert_uint_eq(
	    stats_dropped(&stats), (UINT64_C(1) << VERDICT_COUNT) - 2);
}
END_TEST

START_TEST(logs_a_line)
{
	const struct mh_address endpoint = unit_address("[::]:7");
	struct stats stats = {
		.received = 10,
		.answered = 5,
		.silent = 1,
		.unpinned = 2,
		.bytes_in = 300,
		.bytes_out = 400,
		.dropped = { [DROP_TRUNCATED] = 1, [DROP_SEND_FAILED] = 3 },
	};

	stats_log(&stats, "echo", &endpoint, 7);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: echo [::]:7: received=10 answered=5 silent=1 "
	    "dropped=4 unpinned=2 bytes-in=300 bytes-out=400 kernel-drops=7 "
	    "truncated=1 send-failed=3\n");
}
END_TEST

/* The longest line there can be is whole. */
START_TEST(logs_all_reasons)
{
	const struct mh_address endpoint =
	    unit_address("[fe80:1111:2222:3333:4444:5555:6666:7777%"
			 "4294967295]:65535");
	struct stats stats;
	char reason[64];
	const char *line;
	unsigned int i;

	memset(&stats, 0xff, sizeof(stats));
	stats_log(&stats, "a-service-with-a-long-name", &endpoint, UINT64_MAX);
	line = scratch_log();
	for (i = PASS + 1; i < VERDICT_COUNT; i++) {
		snprintf(reason, sizeof(reason), " %s=18446744073709551615",
		    verdict_name(i));
		ck_assert_msg(strstr(line, reason) != NULL, "%s is not in: %s",
		    reason, line);
	}
}
END_TEST

Suite *
stats_suite(void)
{
	Suite *suite = suite_create("stats");
	TCase *tcase = tcase_create("stats");

	tcase_add_checked_fixture(tcase, scratch_log_begin, scratch_remove);
	tcase_add_test(tcase, sums_all_reasons);
	tcase_add_test(tcase, logs_a_line);
	tcase_add_test(tcase, logs_all_reasons);
	suite_add_tcase(suite, tcase);
	return suite;
}
