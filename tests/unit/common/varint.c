/* SPDX-License-Identifier: ISC */
/*
 * src/common/varint.c: to the byte, at both ends of each length.  Pure.
 */
#include "common/varint.h"

#include "unit/unit.h"

static const struct {
	uint64_t number;
	uint8_t bytes[VARINT_MAX + 1];
	size_t length;
} numbers[] = {
	{ 0, { 0 }, 1 },
	{ 0x7f, { 0x7f }, 1 },
	{ 0x80, { 0x80, 1 }, 2 },
	{ 0x3fff, { 0xff, 0x7f }, 2 },
	{ 0x4000, { 0x80, 0x80, 1 }, 3 },
	{ INT64_MAX, { 255, 255, 255, 255, 255, 255, 255, 255, 0x7f }, 9 },
	{ UINT64_MAX, { 255, 255, 255, 255, 255, 255, 255, 255, 255, 1 }, 10 },
};

START_TEST(test_both_ways)
{
	uint8_t bytes[VARINT_MAX + 1] = { 0 };
	const uint8_t *at = numbers[_i].bytes;
	const size_t length = numbers[_i].length;
	uint64_t number;

	bytes[length] = '!';
	ck_assert_ptr_eq(varint_put(bytes, numbers[_i].number), bytes + length);
	ck_assert_mem_eq(bytes, numbers[_i].bytes, length);
	ck_assert_uint_eq(bytes[length], '!');
	/* What follows is not of it. */
	ck_assert(varint_read(&at, numbers[_i].bytes + VARINT_MAX, &number));
	ck_assert_uint_eq(number, numbers[_i].number);
	ck_assert_ptr_eq(at, numbers[_i].bytes + length);
	/* Cut short. */
	at = numbers[_i].bytes;
	ck_assert(!varint_read(&at, numbers[_i].bytes + length - 1, &number));
}
END_TEST

/* Longer than need be, but a number; and some of too many bits. */
START_TEST(test_odd_ones)
{
	static const uint8_t longer[] = { 0x81, 0x80, 0 };
	static const uint8_t more[] = { 255, 255, 255, 255, 255, 255, 255, 255,
		255, 2 };
	static const uint8_t endless[12] = { 128, 128, 128, 128, 128, 128, 128,
		128, 128, 128, 128, 0 };
	const uint8_t *at = longer;
	uint64_t number;

	ck_assert(varint_read(&at, longer + sizeof(longer), &number));
	ck_assert_uint_eq(number, 1);
	ck_assert_ptr_eq(at, longer + sizeof(longer));
	at = more;
	ck_assert(!varint_read(&at, more + sizeof(more), &number));
	at = endless;
	ck_assert(!varint_read(&at, endless + sizeof(endless), &number));
}
END_TEST

Suite *
varint_suite(void)
{
	Suite *suite = suite_create("varint");
	TCase *tcase = tcase_create("varint");

	tcase_add_loop_test(tcase, test_both_ways, 0, LENGTH(numbers));
	tcase_add_test(tcase, test_odd_ones);
	suite_add_tcase(suite, tcase);
	return suite;
}
