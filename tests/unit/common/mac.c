/* SPDX-License-Identifier: ISC */
/*
 * src/common/mac.c: the vectors of RFC 4231, truncated, in one piece and
 * in two.  A build without nettle has no digest that is right.
 */
#include "common/mac.h"

#include "unit/unit.h"

#include <string.h>

static const struct {
	const char *key;
	const char *message;
	uint8_t digest[MAC_SIZE];
} vectors[] = {
	/* 4.3: a key shorter than what is read from files. */
	{ "Jefe", "what do ya want for nothing?",
	    { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
		0x26, 0x08, 0x95, 0x75, 0xc7 } },
	/* 4.2 */
	{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
	  "\x0b\x0b\x0b",
	    "Hi There",
	    { 0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf,
		0xce, 0xaf, 0x0b, 0xf1, 0x2b } },
};

START_TEST(test_digest)
{
	const char *message = vectors[_i].message;
	uint8_t digest[MAC_SIZE];
	struct mac_key key;

	mac_set_key(
	    &key, (const uint8_t *)vectors[_i].key, strlen(vectors[_i].key));
	mac_digest(&key, NULL, message, strlen(message), digest);
	ck_assert_int_eq(memcmp(digest, vectors[_i].digest, MAC_SIZE) == 0,
	    mac_is_available());
	mac_digest(&key, (const uint8_t *)message, message + 4,
	    strlen(message) - 4, digest);
	ck_assert_int_eq(memcmp(digest, vectors[_i].digest, MAC_SIZE) == 0,
	    mac_is_available());
}
END_TEST

/* With a tail and without: the digest counts as zeros, whatever is there. */
START_TEST(test_md5)
{
	static const uint8_t expected[2][MAC_SIZE] = {
		{ 0xbf, 0xda, 0x21, 0x42, 0x03, 0x4a, 0x3f, 0x45, 0x2f, 0xc7,
		    0x5f, 0xea, 0xe7, 0x00, 0x1e, 0x06 },
		{ 0x18, 0xda, 0x2b, 0x9d, 0xb4, 0x37, 0x57, 0xe2, 0x6b, 0x64,
		    0x44, 0x4a, 0x7a, 0x06, 0xce, 0x88 }
	};
	uint8_t message[] = "head0123456789abcdefand a tail";
	const size_t length = _i == 0 ? sizeof(message) - 1 : 20;
	uint8_t digest[MAC_SIZE];
	struct mac_key key;

	mac_md5_set_key(&key, (const uint8_t *)"Jefe", 4);
	mac_md5_digest(&key, message, length, 4, digest);
	ck_assert_int_eq(
	    memcmp(digest, expected[_i], MAC_SIZE) == 0, mac_is_available());
	memset(message + 4, 0xee, MAC_SIZE);
	mac_md5_digest(&key, message, length, 4, digest);
	ck_assert_int_eq(
	    memcmp(digest, expected[_i], MAC_SIZE) == 0, mac_is_available());
}
END_TEST

START_TEST(test_is_same)
{
	uint8_t a[MAC_SIZE], b[MAC_SIZE];

	memset(a, 0x5a, MAC_SIZE);
	memcpy(b, a, MAC_SIZE);
	ck_assert_int_eq(mac_is_same(a, b), mac_is_available());
	b[_i / 8] ^= (uint8_t)(1 << _i % 8);
	ck_assert(!mac_is_same(a, b));
}
END_TEST

Suite *
mac_suite(void)
{
	Suite *suite = suite_create("mac");
	TCase *tcase = tcase_create("mac");

	tcase_add_loop_test(tcase, test_digest, 0, LENGTH(vectors));
	tcase_add_loop_test(tcase, test_md5, 0, 2);
	tcase_add_loop_test(tcase, test_is_same, 0, 8 * MAC_SIZE);
	suite_add_tcase(suite, tcase);
	return suite;
}
