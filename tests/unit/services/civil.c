/* SPDX-License-Identifier: ISC */
/*
 * src/services/civil.c: every day that the number can express, and each part of
 * a day.  Pure.
 */
#include "services/civil.h"

#include "unit/unit.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

static const struct {
	int64_t ns;
	struct civil_time time;
} times[] = {
	{ 0, { 1970, 1, 1, 0, 0, 0, 0 } },
	{ 1, { 1970, 1, 1, 0, 0, 0, 1 } },
	{ SECOND - 1, { 1970, 1, 1, 0, 0, 0, 999999999 } },
	{ 59 * SECOND, { 1970, 1, 1, 0, 0, 59, 0 } },
	{ 60 * SECOND, { 1970, 1, 1, 0, 1, 0, 0 } },
	{ 3599 * SECOND, { 1970, 1, 1, 0, 59, 59, 0 } },
	{ 3600 * SECOND, { 1970, 1, 1, 1, 0, 0, 0 } },
	{ DAY - 1, { 1970, 1, 1, 23, 59, 59, 999999999 } },
	{ DAY, { 1970, 1, 2, 0, 0, 0, 0 } },
	{ 1709210096 * SECOND + 789012999,
	    { 2024, 2, 29, 12, 34, 56, 789012999 } },
	{ 4107542400 * SECOND, { 2100, 3, 1, 0, 0, 0, 0 } },
	{ -1, { 1969, 12, 31, 23, 59, 59, 999999999 } },
	{ -SECOND, { 1969, 12, 31, 23, 59, 59, 0 } },
	{ -DAY, { 1969, 12, 31, 0, 0, 0, 0 } },
	{ -DAY - 1, { 1969, 12, 30, 23, 59, 59, 999999999 } },
	{ INT64_MAX, { 2262, 4, 11, 23, 47, 16, 854775807 } },
	{ INT64_MIN, { 1677, 9, 21, 0, 12, 43, 145224192 } },
};

START_TEST(test_tells_the_time)
{
	struct civil_time got = civil_time(times[_i].ns);

	ck_assert_msg(got.year == times[_i].time.year &&
		got.month == times[_i].time.month &&
		got.day == times[_i].time.day &&
		got.hour == times[_i].time.hour &&
		got.minute == times[_i].time.minute &&
		got.second == times[_i].time.second &&
		got.nanosecond == times[_i].time.nanosecond,
	    "%lld: %d-%d-%d %d:%d:%d.%d", (long long)times[_i].ns, got.year,
	    got.month, got.day, got.hour, got.minute, got.second,
	    got.nanosecond);
}
END_TEST

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* From the first whole day of the first whole year to the last. */
START_TEST(test_counts_the_days)
{
	static const int days_of[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	int64_t ns = -INT64_C(106650) * DAY; /* 1678-01-01 */
	int year = 1678, month = 1, day = 1;
	struct civil_time got;

	for (; year < 2262; ns += DAY) {
		got = civil_time(ns);
		ck_assert_msg(
		    got.year == year && got.month == month && got.day == day,
		    "%d-%d-%d instead of %d-%d-%d", got.year, got.month,
		    got.day, year, month, day);
		if (++day <= days_of[month - 1] + (month == 2 && is_leap(year)))
			continue;
		day = 1;
		if (++month <= 12)
			continue;
		month = 1;
		year++;
	}
	ck_assert_int_eq(ns, INT64_C(106651) * DAY);
}
END_TEST

Suite *
civil_suite(void)
{
	Suite *suite = suite_create("civil");
	TCase *tcase = tcase_create("civil");

	tcase_add_loop_test(tcase, test_tells_the_time, 0, LENGTH(times));
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("days");
	tcase_add_test(tcase, test_counts_the_days);
	suite_add_tcase(suite, tcase);
	return suite;
}
