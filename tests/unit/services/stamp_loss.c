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
	/* A sender that begins anew. */
	{ "1000 1001 0 1 2", 0, 0, 0 },
	{ "1000 1001 937 936", 0, 0, 1 },
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

Suite *
stamp_loss_suite(void)
{
	Suite *suite = suite_create("stamp_loss");
	TCase *tcase = tcase_create("stamp_loss");

	tcase_add_loop_test(tcase, test_follows, 0, LENGTH(arrivals));
	suite_add_tcase(suite, tcase);
	return suite;
}
