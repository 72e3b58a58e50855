/* SPDX-License-Identifier: ISC */
/*
 * src/common/bytes.h: highest byte first, and back.  Pure.
 */
#include "common/bytes.h"

#include "unit/unit.h"

static const uint8_t bytes[] = { 0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6, 0x97,
	0x88 };

START_TEST(test_get)
{
	ck_assert_uint_eq(bytes_get16(bytes), 0xf1e2);
	ck_assert_uint_eq(bytes_get32(bytes), 0xf1e2d3c4u);
	ck_assert_uint_eq(bytes_get64(bytes), UINT64_C(0xf1e2d3c4b5a69788));
	/* Wherever they stand. */
	ck_assert_uint_eq(bytes_get16(bytes + 1), 0xe2d3);
	ck_assert_uint_eq(bytes_get32(bytes + 3), 0xc4b5a697u);
}
END_TEST

/* The other way round. */
START_TEST(test_little)
{
	uint8_t got[8];

	ck_assert_uint_eq(bytes_get_little32(bytes + 1), 0xb5c4d3e2u);
	ck_assert_uint_eq(
	    bytes_get_little64(bytes), UINT64_C(0x8897a6b5c4d3e2f1));
	bytes_put_little64(got, UINT64_C(0x8897a6b5c4d3e2f1));
	ck_assert_mem_eq(got, bytes, 8);
	bytes_put_little32(got, 0xb5c4d3e2u);
	ck_assert_mem_eq(got, bytes + 1, 4);
	ck_assert_mem_eq(got + 4, bytes + 4, 4);
}
END_TEST

START_TEST(test_put)
{
	uint8_t got[9] = { 0 };

	got[2] = got[4] = got[8] = '!';
	bytes_put16(got, 0x5f1e2); /* the low 16 bits */
	ck_assert_mem_eq(got, bytes, 2);
	ck_assert_uint_eq(got[2], '!');
	bytes_put32(got, 0xf1e2d3c4u);
	ck_assert_mem_eq(got, bytes, 4);
	ck_assert_uint_eq(got[4], '!');
	bytes_put64(got, UINT64_C(0xf1e2d3c4b5a69788));
	ck_assert_mem_eq(got, bytes, 8);
	ck_assert_uint_eq(got[8], '!');
	bytes_put16(got + 1, 0x1234);
	ck_assert_uint_eq(bytes_get32(got), 0xf11234c4u);
}
END_TEST

Suite *
bytes_suite(void)
{
	Suite *suite = suite_create("bytes");
	TCase *tcase = tcase_create("bytes");

	tcase_add_test(tcase, test_get);
	tcase_add_test(tcase, test_put);
	tcase_add_test(tcase, test_little);
	suite_add_tcase(suite, tcase);
	return suite;
}
