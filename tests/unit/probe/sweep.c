/* SPDX-License-Identifier: ISC */
/*
 * src/probe/sweep.c: over a path that takes so much and no more, the search
 * finds just that.
 */
#include "probe/sweep.h"

#include "unit/probe/suites.h"

enum { FROM = 100, TO = 131, TRIES = 3, STEPS_MAX = 64 };

/* Search; requests that would pass are lost the first few times. */
static unsigned int
search(struct sweep *sweep, uint32_t way, unsigned int losses)
{
	unsigned int steps = 0, lost = 0;

	sweep_start(sweep, FROM, TO);
	while (sweep_goes_on(sweep)) {
		ck_assert_uint_lt(steps++, STEPS_MAX);
		ck_assert_uint_ge(sweep->size, FROM);
		ck_assert_uint_le(sweep->size, TO);
		if (sweep->size > way || lost < losses) {
			lost += sweep->size <= way;
			sweep_fail(sweep, TRIES);
		} else
			sweep_pass(sweep, sweep->size);
	}
	return steps;
}

/* Every possible path, from none to all. */
START_TEST(test_search)
{
	uint32_t way = (uint32_t)_i, wanted = way > TO ? TO : way;
	struct sweep sweep;

	search(&sweep, way, 0);
	ck_assert_uint_eq(sweep.passed, wanted);
	search(&sweep, way, TRIES - 1);
	ck_assert_uint_eq(sweep.passed, wanted);
}
END_TEST

/* The usual case takes one step: the largest passes. */
START_TEST(test_largest_first)
{
	struct sweep sweep;

	ck_assert_uint_eq(search(&sweep, TO, 0), 1);
}
END_TEST

/* An ICMP error decides it at once. */
START_TEST(test_certain)
{
	struct sweep sweep;

	sweep_start(&sweep, FROM, TO);
	sweep_fail(&sweep, 0);
	ck_assert_uint_lt(sweep.size, TO);
	ck_assert_uint_eq(sweep.failed, TO);
}
END_TEST

/* The answer to a size that was given up counts. */
START_TEST(test_late)
{
	struct sweep sweep;

	sweep_start(&sweep, FROM, TO);
	sweep_fail(&sweep, 1);
	sweep_pass(&sweep, TO);
	ck_assert(!sweep_goes_on(&sweep));
	ck_assert_uint_eq(sweep.passed, TO);
}
END_TEST

/* One for a smaller size than known says nothing new. */
START_TEST(test_stale)
{
	struct sweep sweep;
	uint32_t size;

	sweep_start(&sweep, FROM, TO);
	sweep_fail(&sweep, 1);
	size = sweep.size;
	sweep_pass(&sweep, size);
	size = sweep.size;
	sweep_pass(&sweep, FROM);
	ck_assert_uint_eq(sweep.size, size);
}
END_TEST

START_TEST(test_one)
{
	struct sweep sweep;

	sweep_start(&sweep, 1, 1);
	ck_assert_uint_eq(sweep.size, 1);
	sweep_fail(&sweep, 1);
	ck_assert(!sweep_goes_on(&sweep));
	ck_assert_uint_eq(sweep.passed, 0);
	sweep_fail(&sweep, 1); /* no harm when it is over */
	ck_assert_uint_eq(sweep.failed, 1);
}
END_TEST

Suite *
probe_sweep_suite(void)
{
	Suite *suite = suite_create("probe sweep");
	TCase *tcase = tcase_create("sweep");

	tcase_add_loop_test(tcase, test_search, FROM - 1, TO + 2);
	tcase_add_test(tcase, test_largest_first);
	tcase_add_test(tcase, test_certain);
	tcase_add_test(tcase, test_late);
	tcase_add_test(tcase, test_stale);
	tcase_add_test(tcase, test_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
