/* SPDX-License-Identifier: ISC */
/*
 * src/probe/oneway.c: delays of both directions, and which way what was lost.
 */
#include "probe/oneway.h"

#include "unit/probe/suites.h"

#include <string.h>

START_TEST(test_delays)
{
	struct oneway oneway = { .count = 0 };
	/* Its clock is 100 ahead; the second answer is slower. */
	static const int64_t times[][4] = { { 1000, 1110, 1115, 1020 },
		{ 2000, 2120, 2125, 2055 }, { 3000, 3115, 3120, 3030 } };
	struct protocol_reflection reflection = { .error_ns = 77 };
	struct oneway_times own;
	size_t i;

	for (i = 0; i < LENGTH(times); i++) {
		reflection.arrived_ns = times[i][1];
		reflection.left_ns = times[i][2];
		own = (struct oneway_times){ times[i][0], times[i][3] };
		oneway_add(&oneway, &reflection, 0, &own);
	}
	/* One that does not say when. */
	reflection.left_ns = 0;
	oneway_add(&oneway, &reflection, 0, &own);
	ck_assert_uint_eq(oneway.error_ns, 77);
	ck_assert_uint_eq(oneway.answers, 0);
	ck_assert_uint_eq(oneway.count, 3);
	ck_assert_int_eq(oneway.there.min, 110);
	ck_assert_int_eq(oneway.there.max, 120);
	ck_assert_double_eq_tol(oneway.there.mean, 115, 1e-9);
	ck_assert_int_eq(oneway.back.min, -95);
	ck_assert_int_eq(oneway.back.max, -70);
	ck_assert_double_eq_tol(oneway.back.mean, -85, 1e-9);
}
END_TEST

/* By the system, if that can be; the clocks differ by 1000. */
START_TEST(test_times)
{
	struct rtt_trip trip = { 10, 1012, 1025, 30, 1030 };
	struct oneway_times times = oneway_times(&trip, 25);

	ck_assert_int_eq(times.sent, 1012);
	ck_assert_int_eq(times.received, 1025);
	/* Not told; before it was sent; after the answer. */
	trip.left_utc = 0;
	ck_assert_int_eq(oneway_times(&trip, 25).sent, 1010);
	trip.left_utc = 1009;
	ck_assert_int_eq(oneway_times(&trip, 25).sent, 1010);
	trip.left_utc = 1026;
	ck_assert_int_eq(oneway_times(&trip, 25).sent, 1010);
}
END_TEST

/* Pairs: the number of the request, that of its answer. */
static const struct {
	const char *name;
	uint32_t pairs[8];
	size_t count; /* pairs */
	bool counts;
	int there, back; /* -1: not known */
} rows[] = {
	{ "nothing", { 0 }, 0, false, -1, -1 },
	{ "all, unknown", { 0, 0, 1, 1 }, 2, false, -1, -1 },
	{ "all, counted", { 0, 0, 1, 1 }, 2, true, 0, 0 },
	/* The same from a stateless server, or from one that counts. */
	{ "one missing, unknown", { 0, 0, 2, 2 }, 2, false, -1, -1 },
	{ "one lost on the way back", { 0, 0, 2, 2 }, 2, true, 0, 1 },
	{ "one lost on the way there", { 0, 0, 2, 1 }, 2, false, 1, 0 },
	{ "both", { 0, 0, 2, 1, 5, 4 }, 3, false, 1, 2 },
	{ "out of order", { 0, 0, 3, 2, 2, 1 }, 3, false, 1, 0 },
	{ "an older session", { 0, 7, 1, 8 }, 2, false, -1, -1 },
	{ "one number", { 0, 0, 1, 0, 2, 0 }, 3, false, -1, -1 },
};

START_TEST(test_loss)
{
	struct oneway oneway = { .count = 0 };
	uint32_t there = 99, back = 99;
	size_t i;

	for (i = 0; i < rows[_i].count; i++)
		oneway_add(&oneway,
		    &(struct protocol_reflection){ .numbered = true,
			.counts = rows[_i].counts,
			.number = rows[_i].pairs[2 * i + 1] },
		    rows[_i].pairs[2 * i], NULL);
	ck_assert_msg(
	    oneway_loss(&oneway, &there, &back) == (rows[_i].there >= 0), "%s",
	    rows[_i].name);
	if (rows[_i].there < 0)
		return;
	ck_assert_msg(
	    (int)there == rows[_i].there && (int)back == rows[_i].back,
	    "%s: %u and %u", rows[_i].name, there, back);
}
END_TEST

Suite *
oneway_suite(void)
{
	Suite *suite = suite_create("oneway");
	TCase *tcase = tcase_create("oneway");

	tcase_add_test(tcase, test_times);
	tcase_add_test(tcase, test_delays);
	tcase_add_loop_test(tcase, test_loss, 0, LENGTH(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
