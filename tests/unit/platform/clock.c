/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/clock.c: two clocks, and the quality of one of them.
 */
#include "platform/clock.h"

#include "unit/platform/suites.h"

#include <time.h>

START_TEST(test_realtime)
{
	time_t before = time(NULL), after;
	int64_t now = host_realtime_ns() / 1000000000;

	after = time(NULL);
	/* time(2) may be a tick behind. */
	ck_assert_int_ge(now, before);
	ck_assert_int_le(now, after + 1);
}
END_TEST

START_TEST(test_monotonic)
{
	int64_t last = host_monotonic_ns(), now;
	int i;

	ck_assert_int_gt(last, 0);
	for (i = 0; i < 1000; i++, last = now) {
		now = host_monotonic_ns();
		ck_assert_int_ge(now, last);
	}
}
END_TEST

/* Whatever this host reports; impossible values are not. */
START_TEST(test_quality)
{
	struct host_clock_quality quality = { .leap = 99 };

	host_clock_quality(&quality);
	ck_assert_int_ge(quality.leap, -1);
	ck_assert_int_le(quality.leap, 1);
	ck_assert_int_lt(quality.precision, 0);
	ck_assert_int_ge(quality.precision, -32);
}
END_TEST

Suite *
platform_clock_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *tcase = tcase_create("clock");

	tcase_add_test(tcase, test_realtime);
	tcase_add_test(tcase, test_monotonic);
	tcase_add_test(tcase, test_quality);
	suite_add_tcase(suite, tcase);
	return suite;
}
