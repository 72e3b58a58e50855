/* SPDX-License-Identifier: ISC */
/*
 * src/common/hashindex.c: every item is found by its hash, in order, and no
 * other.
 */
#include "common/hashindex.h"

#include "unit/unit.h"

enum { MANY = 5000 };

/* Item i has one of these. */
static uint32_t
hash_of(uint32_t i, uint32_t kinds)
{
	uint32_t kind = i % kinds;

	return hashindex_hash(0, &kind, sizeof(kind));
}

/* Many hashes, few, one: each kind's items are i, i + kinds, ... */
static const uint32_t kinds[] = { MANY, 100, 1 };

START_TEST(test_finds_in_order)
{
	struct hashindex index = { .items = NULL };
	uint32_t i, item, step = kinds[_i];

	ck_assert_uint_eq(
	    hashindex_first(&index, hash_of(0, step)), HASHINDEX_NONE);
	for (i = 0; i < MANY; i++)
		ck_assert(hashindex_add(&index, hash_of(i, step)));
	for (i = 0; i < step; i++) {
		item = hashindex_first(&index, hash_of(i, step));
		ck_assert_uint_eq(item, i);
		for (; item + step < MANY; item += step)
			ck_assert_uint_eq(
			    hashindex_next(&index, item), item + step);
		ck_assert_uint_eq(hashindex_next(&index, item), HASHINDEX_NONE);
	}
	ck_assert_uint_eq(
	    hashindex_first(&index, hashindex_hash(0, "x", 1)), HASHINDEX_NONE);
	hashindex_clear(&index);
	ck_assert_uint_eq(
	    hashindex_first(&index, hash_of(0, step)), HASHINDEX_NONE);
}
END_TEST

/* One bucket for all hashes that differ only in their upper bits. */
START_TEST(test_same_bucket)
{
	struct hashindex index = { .items = NULL };
	uint32_t i;

	for (i = 0; i < 8; i++)
		ck_assert(hashindex_add(&index, i << 29));
	for (i = 0; i < 8; i++) {
		ck_assert_uint_eq(hashindex_first(&index, i << 29), i);
		ck_assert_uint_eq(hashindex_next(&index, i), HASHINDEX_NONE);
	}
	hashindex_clear(&index);
}
END_TEST

/* Published values of FNV-1a; and in two parts. */
START_TEST(test_hash)
{
	ck_assert_uint_eq(hashindex_hash(0, "", 0), 0x811c9dc5u);
	ck_assert_uint_eq(hashindex_hash(0, "a", 1), 0xe40c292cu);
	ck_assert_uint_eq(hashindex_hash(0, "foobar", 6), 0xbf9cf968u);
	ck_assert_uint_ne(hashindex_hash(hashindex_hash(0, "foo", 3), "bar", 3),
	    hashindex_hash(hashindex_hash(0, "fop", 3), "bar", 3));
}
END_TEST

Suite *
hashindex_suite(void)
{
	Suite *suite = suite_create("hashindex");
	TCase *tcase = tcase_create("hashindex");

	tcase_add_loop_test(tcase, test_finds_in_order, 0, LENGTH(kinds));
	tcase_add_test(tcase, test_same_bucket);
	tcase_add_test(tcase, test_hash);
	suite_add_tcase(suite, tcase);
	return suite;
}
