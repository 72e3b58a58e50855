/* SPDX-License-Identifier: ISC */
/*
 * src/services/ntptime.c: to the bit, across the end of an era.  Pure.
 */
#include "services/ntptime.h"

#include "unit/services/ask.h"

static const struct {
	int64_t seconds, ns;
	uint64_t expected;
} timestamps[] = {
	{ 0, 0, UINT64_C(0x83aa7e8000000000) },
	{ 0, 1, UINT64_C(0x83aa7e8000000004) },
	{ 0, 500000000, UINT64_C(0x83aa7e8080000000) },
	{ 0, 999999999, UINT64_C(0x83aa7e80fffffffb) },
	{ 1764177600, 250000000, UINT64_C(0xecd1b54040000000) },
	/* 2036-02-07T06:28:15Z, and the era after it. */
	{ 2085978495, 999999999, UINT64_C(0xfffffffffffffffb) },
	{ 2085978496, 0, 0 },
	{ 2085978497, 500000000, UINT64_C(0x0000000180000000) },
};

START_TEST(test_timestamp)
{
	ck_assert_uint_eq(
	    ntptime_of(timestamps[_i].seconds * SECOND + timestamps[_i].ns),
	    timestamps[_i].expected);
}
END_TEST

static const struct {
	uint32_t us, expected;
} shorts[] = {
	{ 0, 0 },
	{ 1, 1 },
	{ 15, 1 },
	{ 16, 2 },
	{ 500000, 0x8000 },
	{ 1000000, 0x10000 },
	{ 16000000, 0x100000 },
	{ UINT32_MAX, 0x10c6f7a1 },
};

START_TEST(test_short)
{
	ck_assert_uint_eq(ntptime_short(shorts[_i].us), shorts[_i].expected);
}
END_TEST

Suite *
ntptime_suite(void)
{
	Suite *suite = suite_create("ntptime");
	TCase *tcase = tcase_create("ntptime");

	tcase_add_loop_test(tcase, test_timestamp, 0, LENGTH(timestamps));
	tcase_add_loop_test(tcase, test_short, 0, LENGTH(shorts));
	suite_add_tcase(suite, tcase);
	return suite;
}
