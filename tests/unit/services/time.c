/* SPDX-License-Identifier: ISC */
/*
 * src/services/time.c: to the bit, until its end.  Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

static const struct {
	int64_t seconds; /* of 1970 */
	int expected;    /* length */
	uint8_t bytes[4];
} cases[] = {
	/* The RFC's own examples: 1970, 1976, 1980, May 1983, 1858. */
	{ 0, 4, { 0x83, 0xaa, 0x7e, 0x80 } },
	{ 189302400, 4, { 0x8e, 0xf3, 0x05, 0x00 } },
	{ 315532800, 4, { 0x96, 0x79, 0x24, 0x80 } },
	{ 420595200, 4, { 0x9c, 0xbc, 0x44, 0x80 } },
	{ -3506716800, -SERVICE_QUIET, { 0 } },
	/* 1900 */
	{ -2208988800, 4, { 0, 0, 0, 0 } },
	{ -2208988801, -SERVICE_QUIET, { 0 } },
	/* 2036-02-07T06:28:15Z, and the second after. */
	{ 2085978495, 4, { 0xff, 0xff, 0xff, 0xff } },
	{ 2085978496, -SERVICE_QUIET, { 0 } },
	{ 2147483648, -SERVICE_QUIET, { 0 } },
	{ 9223372036, -SERVICE_QUIET, { 0 } },
};

START_TEST(test_tells_the_time)
{
	struct service_context context = { .now.utc_ns =
					       cases[_i].seconds * SECOND };
	const char *reply;
	int length = ask_bytes(&service_time, &context, "", 0, &reply);

	ck_assert_int_eq(length, cases[_i].expected);
	if (length > 0)
		ck_assert_mem_eq(reply, cases[_i].bytes, 4);
}
END_TEST

static const size_t lengths[] = { 0, 1, 3, 4, 5, 18, 512, 65507 };

/* Four bytes are what another such server sends. */
START_TEST(test_does_not_answer_replies)
{
	static const uint8_t zeros[65507];
	struct service_context context = { .now.utc_ns = 1 };
	const char *reply;

	ck_assert_int_eq(
	    ask_bytes(&service_time, &context, zeros, lengths[_i], &reply),
	    lengths[_i] == 4 ? -SERVICE_NOT_REQUEST : 4);
}
END_TEST

START_TEST(test_needs_room)
{
	struct service_context context = { .now.utc_ns = 1 };
	const char *reply;

	ask_room = 3;
	ck_assert_int_eq(ask_bytes(&service_time, &context, "", 0, &reply),
	    -SERVICE_NO_ROOM);
}
END_TEST

Suite *
time_suite(void)
{
	Suite *suite = suite_create("time");
	TCase *tcase = ask_tcase("time");

	tcase_add_loop_test(tcase, test_tells_the_time, 0, LENGTH(cases));
	tcase_add_loop_test(
	    tcase, test_does_not_answer_replies, 0, LENGTH(lengths));
	tcase_add_test(tcase, test_needs_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
