/* SPDX-License-Identifier: ISC */
/*
 * src/common/number.c: what is a number, where it ends, and its bounds.  Pure.
 */
#include "common/number.h"

#include "unit/unit.h"

static const struct {
	const char *text;
	uint64_t max;
	bool good;
	uint64_t number;
	size_t read;
} reads[] = {
	{ "0", 0, true, 0, 1 },
	{ "1", 0, false, 0, 0 },
	{ "7", 7, true, 7, 1 },
	{ "8", 7, false, 0, 0 },
	{ "65535", 65535, true, 65535, 5 },
	{ "65536", 65535, false, 0, 0 },
	{ "655350", 65535, false, 0, 0 },
	{ "007", 7, true, 7, 3 },
	{ "10k", 99, true, 10, 2 },
	{ "10.5", 99, true, 10, 2 },
	{ "1-9", 99, true, 1, 1 },
	{ "5 ", 99, true, 5, 1 },
	{ "", 99, false, 0, 0 },
	{ " 5", 99, false, 0, 0 },
	{ "-1", 99, false, 0, 0 },
	{ "+1", 99, false, 0, 0 },
	{ "/", 99, false, 0, 0 },
	{ ":", 99, false, 0, 0 },
	{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX, 20 },
	{ "18446744073709551616", UINT64_MAX, false, 0, 0 },
	{ "99999999999999999999", UINT64_MAX, false, 0, 0 },
	{ "184467440737095516150", UINT64_MAX, false, 0, 0 },
};

START_TEST(test_read)
{
	const char *at = reads[_i].text;
	uint64_t number = 4711;

	ck_assert_int_eq(
	    number_scan(&at, reads[_i].max, &number), reads[_i].good);
	ck_assert_uint_eq(number, reads[_i].good ? reads[_i].number : 4711);
	ck_assert_uint_eq((size_t)(at - reads[_i].text), reads[_i].read);
}
END_TEST

static const struct {
	const char *text;
	uint64_t low, high;
	bool good;
} texts[] = {
	{ "4", 5, 7, false },
	{ "5", 5, 7, true },
	{ "7", 5, 7, true },
	{ "8", 5, 7, false },
	{ "5x", 5, 7, false },
	{ "x5", 5, 7, false },
	{ "5 ", 5, 7, false },
	{ "", 0, 7, false },
	{ "0", 0, 7, true },
	{ "05", 5, 7, true },
};

START_TEST(test_parse)
{
	uint64_t number = 4711;

	ck_assert_int_eq(number_parse(texts[_i].text, texts[_i].low,
			     texts[_i].high, &number),
	    texts[_i].good);
	ck_assert_int_eq(number != 4711, texts[_i].good);
}
END_TEST

static const struct {
	const char *text;
	unsigned int places, count;
	uint64_t number;
} fractions[] = {
	{ "5", 3, 1, 500 },
	{ "05", 3, 2, 50 },
	{ "123", 3, 3, 123 },
	{ "1239", 3, 3, 123 },
	{ "7", 1, 1, 7 },
	{ "2x5", 3, 1, 200 },
	{ "", 3, 0, 0 },
	{ "x", 3, 0, 0 },
	{ "x5", 3, 0, 0 },
	{ "-1", 3, 0, 0 },
	{ "999999999999999999", 18, 18, UINT64_C(999999999999999999) },
};

START_TEST(test_places)
{
	const char *at = fractions[_i].text;
	uint64_t number = 4711;

	ck_assert_uint_eq(
	    number_scan_places(&at, fractions[_i].places, &number),
	    fractions[_i].count);
	ck_assert_uint_eq(number, fractions[_i].number);
	ck_assert_uint_eq(
	    (size_t)(at - fractions[_i].text), fractions[_i].count);
}
END_TEST

Suite *
number_suite(void)
{
	Suite *suite = suite_create("number");
	TCase *tcase = tcase_create("number");

	tcase_add_loop_test(tcase, test_read, 0, LENGTH(reads));
	tcase_add_loop_test(tcase, test_parse, 0, LENGTH(texts));
	tcase_add_loop_test(tcase, test_places, 0, LENGTH(fractions));
	suite_add_tcase(suite, tcase);
	return suite;
}
