/* SPDX-License-Identifier: ISC */
/*
 * src/probe/rtt.c: numbers that can be worked out by hand.
 */
#include "probe/rtt.h"

#include "unit/probe/suites.h"

#include <math.h>

START_TEST(test_none)
{
	struct rtt rtt = { .count = 0 };
	int64_t ns;

	ck_assert(!rtt_percentile(&rtt, 50, &ns));
	ck_assert(rtt_deviation(&rtt) <= 0);
	rtt_clear(&rtt);
}
END_TEST

START_TEST(test_moments)
{
	/* Mean 5, squares 9 1 1 1 0 0 4 16: deviation 2. */
	static const int64_t times[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct rtt rtt = { .count = 0 };
	size_t i;

	for (i = 0; i < LENGTH(times); i++)
		rtt_add(&rtt, times[i]);
	ck_assert_uint_eq(rtt.count, 8);
	ck_assert_int_eq(rtt.min, 2);
	ck_assert_int_eq(rtt.max, 9);
	ck_assert(fabs(rtt.mean - 5) < 1e-9);
	ck_assert(fabs(rtt_deviation(&rtt) - 2) < 1e-9);
	rtt_clear(&rtt);
	ck_assert_uint_eq(rtt.count, 0);
}
END_TEST

static const struct {
	unsigned int percent;
	int64_t of_ten, of_three;
} percentiles[] = {
	{ 1, 1, 1 },
	{ 10, 1, 1 },
	{ 11, 2, 1 },
	{ 33, 4, 1 },
	{ 34, 4, 2 },
	{ 50, 5, 2 },
	{ 90, 9, 3 },
	{ 91, 10, 3 },
	{ 99, 10, 3 },
	{ 100, 10, 3 },
};

/* Nearest rank, whatever the order they came in. */
START_TEST(test_percentile)
{
	struct rtt ten = { .count = 0 }, three = { .count = 0 };
	int64_t ns;
	int i;

	for (i = 10; i >= 1; i--)
		rtt_add(&ten, i);
	for (i = 3; i >= 1; i--)
		rtt_add(&three, i);
	ck_assert(rtt_percentile(&ten, percentiles[_i].percent, &ns));
	ck_assert_int_eq(ns, percentiles[_i].of_ten);
	ck_assert(rtt_percentile(&three, percentiles[_i].percent, &ns));
	ck_assert_int_eq(ns, percentiles[_i].of_three);
	rtt_clear(&ten);
	rtt_clear(&three);
}
END_TEST

/* Percentiles forget, the rest does not. */
START_TEST(test_many)
{
	struct rtt rtt = { .count = 0 };
	int64_t ns;
	int i;

	rtt_add(&rtt, 1);
	for (i = 0; i < RTT_SAMPLES; i++)
		rtt_add(&rtt, 1000);
	ck_assert_uint_eq(rtt.count, RTT_SAMPLES + 1);
	ck_assert_int_eq(rtt.min, 1);
	ck_assert(rtt_percentile(&rtt, 1, &ns));
	ck_assert_int_eq(ns, 1000);
	ck_assert_uint_eq(rtt.capacity, RTT_SAMPLES);
	rtt_clear(&rtt);
}
END_TEST

/* Looking at them does not change which are the latest. */
START_TEST(test_look)
{
	struct rtt rtt = { .count = 0 };
	int64_t ns;
	int i;

	for (i = RTT_SAMPLES; i > 0; i--)
		rtt_add(&rtt, i);
	ck_assert(rtt_percentile(&rtt, 100, &ns));
	ck_assert_int_eq(ns, RTT_SAMPLES);
	rtt_add(&rtt, 1); /* the largest, which came first, is forgotten */
	ck_assert(rtt_percentile(&rtt, 100, &ns));
	ck_assert_int_eq(ns, RTT_SAMPLES - 1);
	rtt_clear(&rtt);
}
END_TEST

/* By the system alone, if its clock can be believed; see session.c, too. */
static const struct {
	const char *name;
	struct rtt_trip trip;
	int64_t arrival, time;
	bool by_system;
} trips[] = {
	{ "nothing known", { .sent = 100, .read = 190, .read_utc = 1000 }, 190,
	    90, false },
	{ "arrived", { 100, 0, 960, 190, 1000 }, 150, 50, false },
	{ "left", { 100, 920, 0, 190, 1000 }, 190, 90, false },
	{ "both", { 100, 920, 960, 190, 1000 }, 150, 40, true },
	{ "no time", { 100, 960, 960, 190, 1000 }, 150, 0, true },
	{ "all of it", { 100, 910, 960, 190, 1000 }, 150, 50, true },
	{ "too long", { 100, 909, 960, 190, 1000 }, 150, 50, false },
	{ "negative", { 100, 961, 960, 190, 1000 }, 150, 50, false },
	{ "clock set back", { 100, 2000, 960, 190, 900 }, 190, 90, false },
	{ "clock set on", { 100, 920, 9960, 190, 10000 }, 150, 50, false },
};

START_TEST(test_trip)
{
	struct rtt rtt = { .count = 0 };

	ck_assert_int_eq(
	    rtt_add_trip(&rtt, &trips[_i].trip), trips[_i].arrival);
	ck_assert_uint_eq(rtt.count, 1);
	ck_assert_msg(rtt.max == trips[_i].time, "%s: %lld", trips[_i].name,
	    (long long)rtt.max);
	ck_assert_uint_eq(rtt.by_system, trips[_i].by_system);
	rtt_clear(&rtt);
}
END_TEST

Suite *
probe_rtt_suite(void)
{
	Suite *suite = suite_create("probe rtt");
	TCase *tcase = tcase_create("rtt");

	tcase_add_test(tcase, test_none);
	tcase_add_test(tcase, test_moments);
	tcase_add_loop_test(tcase, test_percentile, 0, LENGTH(percentiles));
	tcase_add_test(tcase, test_many);
	tcase_add_loop_test(tcase, test_trip, 0, LENGTH(trips));
	tcase_add_test(tcase, test_look);
	suite_add_tcase(suite, tcase);
	return suite;
}
