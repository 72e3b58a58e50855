/* SPDX-License-Identifier: ISC */
/*
 * src/common/siphash.c: the values that its authors publish.  Pure.
 */
#include "common/siphash.h"

#include "unit/unit.h"

/* The key is 00 01 ... 0f, the data the first bytes of 00 01 02 ... */
static const struct {
	size_t length;
	uint64_t hash;
} vectors[] = {
	{ 0, UINT64_C(0x726fdb47dd0e0e31) },
	{ 1, UINT64_C(0x74f839c593dc67fd) },
	{ 7, UINT64_C(0xab0200f58b01d137) },
	{ 8, UINT64_C(0x93f5f5799a932462) },
	{ 15, UINT64_C(0xa129ca6149be45e5) },
	{ 16, UINT64_C(0x3f2acc7f57c29bdb) },
	{ 21, UINT64_C(0xd0f2cbb02e3b67c7) },
	{ 63, UINT64_C(0x958a324ceb064572) },
};

START_TEST(test_published_values)
{
	uint8_t key[16], data[64];
	uint64_t hash;
	unsigned int i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	hash = siphash(key, data, vectors[_i].length);
	ck_assert_msg(hash == vectors[_i].hash, "%zu bytes: %016llx",
	    vectors[_i].length, (unsigned long long)hash);
}
END_TEST

Suite *
siphash_suite(void)
{
	Suite *suite = suite_create("siphash");
	TCase *tcase = tcase_create("siphash");

	tcase_add_loop_test(tcase, test_published_values, 0, LENGTH(vectors));
	suite_add_tcase(suite, tcase);
	return suite;
}
