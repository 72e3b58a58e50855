/* SPDX-License-Identifier: ISC */
/*
 * src/platform/win32/clock.c.
 */
#include "windows/windows.h"

#include "platform/win32/clock.h"

#include <time.h>

/* Within the C library's time, in whole seconds. */
static void
assert_now(void)
{
	int64_t before = (int64_t)time(NULL), now, after;

	now = host_realtime_ns();
	after = (int64_t)time(NULL);
	ck_assert_int_ge(now, (before - 1) * 1000000000);
	ck_assert_int_le(now, (after + 1) * 1000000000);
}

START_TEST(test_clocks)
{
	int64_t ticks = host_monotonic_ns();
	int i;

	assert_now();
	clock_init();
	assert_now();
	ck_assert_int_gt(ticks, 0);
	for (i = 0; i < 1000; i++) {
		ck_assert_int_ge(host_monotonic_ns(), ticks);
		ticks = host_monotonic_ns();
	}
}
END_TEST

Suite *
windows_clock_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *tcase = tcase_create("clock");

	tcase_add_test(tcase, test_clocks);
	suite_add_tcase(suite, tcase);
	return suite;
}
