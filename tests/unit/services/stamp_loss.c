/* SPDX-License-Identifier: ISC */
/*
 * src/services/stamp_loss.c: what is lost, late, or comes twice.
 */
#include "services/stamp_loss.h"

#include "unit/unit.h"

#include <stdlib.h>

static const struct {
	const char *numbers;
	unsigned int lost, late, twice;
} arrivals[] = {
	{ "1 2 3 4 5", 0, 0, 0 },
	{ "1 3 2 4 5", 0, 1, 0 },
	{ "1 2 2 1 3", 0, 0, 2 },
	{ "1 3 3 2 2", 0, 1, 2 },
	/* Lost once there are 64 later ones. */
	{ "1 3 65", 0, 0, 0 },
	{ "1 3 66", 1, 0, 0 },
	{ "1 3 65 2 66", 0, 1, 0 },
	{ "1 100", 35, 0, 0 },
	{ "1 65", 0, 0, 0 },
	{ "1 66", 1, 0, 0 },
	{ "1 1000001", 999936, 0, 0 },
	/* All around. */
	{ "4294967294 4294967295 0 2 1", 0, 1, 0 },
	{ "4294967294 64", 2, 0, 0 },
	/* Later than that: what is missing stays so, and nothing else is. */
	{ "1 100 2 101", 36, 1, 0 },
	{ "1 66 2 1 67", 2, 2, 0 },
	{ "1 3 64 1 0 66", 1, 1, 1 },
	{ "1000 1001 937 936", 0, 2, 0 },
	/* A sender that begins anew: the sixteenth shows it. */
	{ "1000 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 1001", 0, 15, 0 },
	{ "1000 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 18 19", 0, 15, 0 },
	{ "1000 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 81", 2, 15, 0 },
	{ "1000 0 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 95", 1, 15, 0 },
};

START_TEST(test_follows)
{
	const char *at = arrivals[_i].numbers;
	struct stamp_loss loss = { .received = 0 };
	unsigned int count = 0, counts[3] = { 0 };
	uint64_t lost, sum = 0;
	char *end;

	for (; *at != '\0'; at = end) {
		counts[stamp_loss_follow(
		    &loss, (uint32_t)strtoul(at, &end, 10), &lost)]++;
		sum += lost;
		count++;
	}
	ck_assert_uint_eq(sum, arrivals[_i].lost);
	ck_assert_uint_eq(counts[STAMP_OUT_OF_ORDER], arrivals[_i].late);
	ck_assert_uint_eq(counts[STAMP_DUPLICATE], arrivals[_i].twice);
	ck_assert_uint_eq(loss.received, count);
}
END_TEST

/* A new route is faster by a hundred packets, and none is lost. */
START_TEST(test_overtaken)
{
	struct stamp_loss loss = { .received = 0 };
	uint64_t lost, sum = 0;
	unsigned int late = 0;
	uint32_t i;

	for (i = 0; i < 100; i++)
		(void)stamp_loss_follow(&loss, i, &lost);
	for (i = 100; i < 200; i++) {
		late +=
		    stamp_loss_follow(&loss, i, &lost) == STAMP_OUT_OF_ORDER;
		sum += lost;
		(void)stamp_loss_follow(&loss, i + 100, &lost);
		sum += lost;
	}
	/* Given up too early, but each of them once. */
	ck_assert_uint_eq(late, 99);
	ck_assert_uint_eq(sum, 99);
}
END_TEST

Suite *
stamp_loss_suite(void)
{
	Suite *suite = suite_create("stamp_loss");
	TCase *tcase = tcase_create("stamp_loss");

	tcase_add_loop_test(tcase, test_follows, 0, LENGTH(arrivals));
	tcase_add_test(tcase, test_overtaken);
	suite_add_tcase(suite, tcase);
	return suite;
}
