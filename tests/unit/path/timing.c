/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/timing.c: nothing can have waited for longer than since the
 * clock was set, however often that happens.
 */
#include "daemon/path/timing.h"

#include "unit/fake_host.h"
#include "unit/unit.h"

#include <string.h>

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)

static struct timing timing;

static void
setup(void)
{
	memset(&timing, 0, sizeof(timing));
	fake_host_reset();
}

/* Both clocks go on; the other one is set by that much. */
static int64_t
longest(int64_t after, int64_t set)
{
	struct service_clock now = { 0, 0 };

	fake_host.monotonic_ns += after;
	fake_host.now += after + set;
	now.monotonic_ns = fake_host.monotonic_ns;
	return timing_longest(&timing, &now);
}

START_TEST(test_set)
{
	const int64_t start = fake_host.monotonic_ns;

	/* Before it was set for the first time: since the system's start. */
	ck_assert_int_eq(longest(0, 0), start);
	ck_assert_int_eq(longest(SECOND, 0), start + SECOND);
	/* NTP adjusts it. */
	ck_assert_int_eq(longest(SECOND, 20 * MS), start + 2 * SECOND);
	/* Set forward, and back by less. */
	ck_assert_int_eq(longest(SECOND, SECOND), 0);
	ck_assert_int_eq(longest(SECOND, 0), SECOND);
	ck_assert_int_eq(longest(SECOND, -21 * MS), 0);
	ck_assert_int_eq(longest(3 * SECOND, 0), 3 * SECOND);
}
END_TEST

/* A reading that somebody else made is not made again. */
START_TEST(test_read)
{
	struct service_clock now = { 5, 7 };

	timing_longest(&timing, &now);
	ck_assert_int_eq(now.utc_ns, 5);
	now.utc_ns = 0;
	timing_longest(&timing, &now);
	ck_assert_int_eq(now.utc_ns, fake_host.now);
}
END_TEST

START_TEST(test_quality)
{
	fake_host.quality = (struct host_clock_quality){ true, 1, -20, 99 };
	timing_refresh(&timing, 10 * SECOND);
	ck_assert(timing.quality.synchronised);
	ck_assert_int_eq(timing.quality.leap, 1);
	ck_assert_int_eq(timing.quality.precision, -20);
	ck_assert_uint_eq(timing.quality.dispersion_us, 99);
	fake_host.quality.synchronised = false;
	timing_refresh(&timing, 11 * SECOND - 1);
	ck_assert(timing.quality.synchronised);
	timing_refresh(&timing, 11 * SECOND);
	ck_assert(!timing.quality.synchronised);
	ck_assert_uint_eq(fake_host.quality_calls, 2);
}
END_TEST

Suite *
timing_suite(void)
{
	Suite *suite = suite_create("timing");
	TCase *tcase = tcase_create("timing");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_set);
	tcase_add_test(tcase, test_read);
	tcase_add_test(tcase, test_quality);
	suite_add_tcase(suite, tcase);
	return suite;
}
