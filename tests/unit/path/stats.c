/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/stats.c: what is counted about an arrival, sums, and the line
 * in the log.
 */
#include "daemon/path/stats.h"

#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define MS INT64_C(1000000)

static struct stats stats;
static int64_t longest; /* that a datagram can have waited */

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
	memset(&stats, 0, sizeof(stats));
	longest = INT64_MAX;
}

static void
arrive(const char *local, size_t length, int64_t arrived_ns, int64_t now_ns)
{
	const struct mh_datagram request = {
		.peer = unit_address(strchr(local, '.') != NULL
			? "198.51.100.9:99"
			: "[2001:db8::9]:99"),
		.local = unit_address(local),
		.length = length,
		.arrived_ns = arrived_ns,
	};

	stats_arrival(&stats, &request, now_ns, longest);
}

/* The address is complete, or it would not have got here. */
START_TEST(test_counts_cut_control)
{
	const struct mh_datagram request = {
		.peer = unit_address("198.51.100.9:99"),
		.local = unit_address("192.0.2.1"),
		.flags = MH_CONTROL_TRUNCATED,
	};

	arrive("192.0.2.1", 10, 0, 0);
	ck_assert_uint_eq(stats_get(&stats, STATS_CONTROL_TRUNCATED), 0);
	stats_arrival(&stats, &request, 0, 0);
	ck_assert_uint_eq(stats_get(&stats, STATS_CONTROL_TRUNCATED), 1);
	ck_assert_uint_eq(stats_get(&stats, STATS_RECEIVED), 2);
}
END_TEST

START_TEST(test_counts_arrivals)
{
	arrive("192.0.2.1", 10, 0, 0);
	arrive("2001:db8::1", 5, 0, 0);
	arrive("192.0.2.1", 0, 0, 0);
	ck_assert_uint_eq(stats_get(&stats, STATS_RECEIVED), 3);
	ck_assert_uint_eq(stats_get(&stats, STATS_RECEIVED_IPV4), 2);
	ck_assert_uint_eq(stats_get(&stats, STATS_BYTES_IN), 15);
	ck_assert_uint_eq(stats.local_count, 2);
	unit_assert_address(&stats.locals[0].address, "192.0.2.1", "first");
	ck_assert_uint_eq(stats.locals[0].received, 2);
	unit_assert_address(&stats.locals[1].address, "2001:db8::1", "other");
	ck_assert_uint_eq(stats.locals[1].received, 1);
}
END_TEST

/* Those of ours are in both. */
START_TEST(test_counts_self_probes)
{
	const struct mh_address one = unit_address("192.0.2.1");
	const struct mh_address other = unit_address("2001:db8::1");

	arrive("2001:db8::1", 10, 0, 0);
	arrive("192.0.2.1", 10, 0, 0);
	arrive("2001:db8::1", 10, 0, 0);
	stats_selfprobe(&stats, &other);
	ck_assert_uint_eq(stats_get(&stats, STATS_RECEIVED), 3);
	ck_assert_uint_eq(stats_get(&stats, STATS_OWN), 1);
	ck_assert_uint_eq(stats.locals[0].own, 1);
	ck_assert_uint_eq(stats.locals[0].received, 2);
	ck_assert_uint_eq(stats.locals[1].own, 0);
	stats_selfprobe(&stats, &one);
	ck_assert_uint_eq(stats.locals[1].own, 1);
}
END_TEST

/* With a thousand addresses, those that are too many share a sum. */
START_TEST(test_tells_some_local_addresses_apart)
{
	char text[32];
	unsigned int i, round;

	for (round = 0; round < 2; round++)
		for (i = 0; i < STATS_LOCALS + 10; i++) {
			snprintf(text, sizeof(text), "10.0.0.%u", i);
			arrive(text, 1, 0, 0);
		}
	ck_assert_uint_eq(stats.local_count, STATS_LOCALS);
	ck_assert_uint_eq(stats.other_locals, 20);
	for (i = 0; i < STATS_LOCALS; i++)
		ck_assert_uint_eq(stats.locals[i].received, 2);
}
END_TEST

static const struct {
	int64_t delay;
	unsigned int bucket;
} delays[] = {
	{ -5 * MS, 0 }, /* somebody set the clock */
	{ 0, 0 },
	{ 10000, 0 },
	{ 10001, 1 },
	{ 1 * MS, 4 },
	{ 1 * MS + 1, 5 },
	{ 1000 * MS, 10 },
	{ 1000 * MS + 1, 11 },
	{ INT64_C(1) << 60, 11 },
};

START_TEST(test_counts_delays)
{
	const int64_t delay = delays[_i].delay;
	unsigned int i;

	arrive("192.0.2.1", 1, 10 * MS, 10 * MS + delay);
	for (i = 0; i < STATS_DELAYS; i++)
		ck_assert_uint_eq(stats.delays[i], i == delays[_i].bucket);
	ck_assert_uint_eq(stats.delay_sum, delay > 0 ? (uint64_t)delay : 0);
	/* An unknown time is not counted. */
	arrive("192.0.2.1", 1, 0, 10 * MS);
	for (i = 0; i < STATS_DELAYS; i++)
		ck_assert_uint_eq(stats.delays[i], i == delays[_i].bucket);
}
END_TEST

/* What cannot be, since the clock was set meanwhile, is left out. */
START_TEST(test_too_long_a_delay)
{
	unsigned int i;

	longest = 5 * MS;
	arrive("192.0.2.1", 1, 10 * MS, 15 * MS);
	ck_assert_uint_eq(stats.delay_sum, (uint64_t)(5 * MS));
	arrive("192.0.2.1", 1, 10 * MS, 15 * MS + 1);
	ck_assert_uint_eq(stats.delay_sum, (uint64_t)(5 * MS));
	for (i = 0; i < STATS_DELAYS; i++)
		ck_assert_uint_eq(stats.delays[i], i == 5);
	ck_assert_uint_eq(stats_get(&stats, STATS_RECEIVED), 2);
}
END_TEST

START_TEST(test_adds_up)
{
	uint64_t sums[STATS_COUNTERS] = { 0 };
	unsigned int i;

	ck_assert_uint_eq(stats_dropped(sums), 0);
	stats_count(&stats, STATS_RECEIVED, 99);
	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		stats_drop(&stats, i, UINT64_C(1) << i);
	stats_sum(&stats, sums);
	ck_assert_uint_eq(sums[STATS_RECEIVED], 99);
	ck_assert_uint_eq(
	    stats_dropped(sums), (UINT64_C(1) << VERDICT_COUNT) - 2);
	/* For several sockets, too. */
	stats_sum(&stats, sums);
	ck_assert_uint_eq(sums[STATS_RECEIVED], 198);
}
END_TEST

START_TEST(test_logs_a_line)
{
	const struct mh_address endpoint = unit_address("[::]:7");
	const uint64_t sums[STATS_COUNTERS] = {
		[STATS_RECEIVED] = 10,
		[STATS_ANSWERED] = 5,
		[STATS_SILENT] = 1,
		[STATS_UNPINNED] = 2,
		[STATS_BYTES_IN] = 300,
		[STATS_BYTES_OUT] = 400,
		[STATS_DROPPED + DROP_TRUNCATED] = 1,
		[STATS_DROPPED + DROP_SEND_FAILED] = 3,
	};

	stats_log(sums, "echo", &endpoint, 7);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: echo [::]:7: received=10 answered=5 silent=1 "
	    "dropped=4 unpinned=2 bytes-in=300 bytes-out=400 kernel-drops=7 "
	    "truncated=1 send-failed=3\n");
}
END_TEST

/* What is counted besides datagrams, if there is any. */
START_TEST(test_logs_the_rest)
{
	const struct mh_address endpoint = unit_address("[::]:7");
	const uint64_t sums[STATS_COUNTERS] = {
		[STATS_RECEIVED] = 1,
		[STATS_OWN] = 1,
		[STATS_CONTROL_TRUNCATED] = UINT64_MAX,
		[STATS_RECEIVE_FAILED] = 3,
		[STATS_DROPPED + DROP_TRUNCATED] = 1,
	};

	stats_log(sums, "echo", &endpoint, 0);
	ck_assert_ptr_nonnull(strstr(scratch_log(),
	    " kernel-drops=0 control-truncated=18446744073709551615 "
	    "self-probes=1 receive-failed=3 truncated=1\n"));
}
END_TEST

/* A line that names all reasons is whole, and counts billions. */
START_TEST(test_logs_all_reasons)
{
	const struct mh_address endpoint =
	    unit_address("[fe80:1111:2222:3333:4444:5555:6666:7777%2]:65535");
	uint64_t sums[STATS_COUNTERS];
	char reason[64];
	const char *line;
	unsigned int i;

	for (i = 0; i < STATS_COUNTERS; i++)
		sums[i] = UINT64_C(123456789012);
	stats_log(sums, "echo:with-a-label", &endpoint, sums[0]);
	line = scratch_log();
	for (i = PASS + 1; i < VERDICT_COUNT; i++) {
		snprintf(reason, sizeof(reason), " %s=123456789012",
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

	tcase_add_checked_fixture(tcase, setup, scratch_remove);
	tcase_add_test(tcase, test_counts_cut_control);
	tcase_add_test(tcase, test_counts_arrivals);
	tcase_add_test(tcase, test_counts_self_probes);
	tcase_add_test(tcase, test_tells_some_local_addresses_apart);
	tcase_add_loop_test(tcase, test_counts_delays, 0, LENGTH(delays));
	tcase_add_test(tcase, test_too_long_a_delay);
	tcase_add_test(tcase, test_adds_up);
	tcase_add_test(tcase, test_logs_a_line);
	tcase_add_test(tcase, test_logs_the_rest);
	tcase_add_test(tcase, test_logs_all_reasons);
	suite_add_tcase(suite, tcase);
	return suite;
}
