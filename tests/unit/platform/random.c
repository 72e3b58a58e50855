/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/random.c: as many bytes as requested, and different ones
 * the next time.
 */
#include "platform/random.h"

#include "unit/platform/suites.h"

#include <string.h>

START_TEST(test_random)
{
	uint8_t one[34] = { 0 }, other[34] = { 0 };

	ck_assert(host_random(one + 1, 32));
	ck_assert(host_random(other + 1, 32));
	ck_assert_mem_ne(one, other, sizeof(one));
	ck_assert(one[0] == 0 && one[33] == 0);
}
END_TEST

/* The limit in getentropy(3). */
START_TEST(test_too_many)
{
	uint8_t many[257];

	ck_assert(host_random(many, 256));
	ck_assert(!host_random(many, 257));
}
END_TEST

Suite *
platform_random_suite(void)
{
	Suite *suite = suite_create("random");
	TCase *tcase = tcase_create("random");

	tcase_add_test(tcase, test_random);
	tcase_add_test(tcase, test_too_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
