/* SPDX-License-Identifier: ISC */
/*
 * src/common/mac_key.c: keys as they stand in files.
 */
#include "common/mac.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define KEY_16 "0123456789abcdef"
#define KEY_64 KEY_16 KEY_16 KEY_16 KEY_16

static const struct {
	const char *text;
	const char *key;
} good[] = {
	{ KEY_16, KEY_16 },
	{ KEY_16 "\n", KEY_16 },
	{ KEY_16 "\r\n", KEY_16 },
	{ KEY_64, KEY_64 },
	{ "a key with blanks, HEX: as well",
	    "a key with blanks, HEX: as well" },
	{ "ASCII:" KEY_16, KEY_16 },
	{ "ASCII:HEX:0123456789ab\n", "HEX:0123456789ab" },
	{ "HEX:4142434445464748494a4B4C4D4E4F50\n", "ABCDEFGHIJKLMNOP" },
	{ "hex:4142434445464748494A4b4c4d4e4f50\n", "ABCDEFGHIJKLMNOP" },
	{ "Hex:4142434445464748494A4b4c4d4e4f50", "ABCDEFGHIJKLMNOP" },
	{ "ascii:" KEY_16, KEY_16 },
	{ "\xef\xbb\xbfHEX:4142434445464748494a4B4C4D4E4F50\n",
	    "ABCDEFGHIJKLMNOP" },
};

START_TEST(test_reads)
{
	uint8_t key[MAC_KEY_MAX];
	const char *why = NULL;
	size_t length;

	length = mac_read_key(good[_i].text, strlen(good[_i].text), key, &why);
	ck_assert_msg(length == strlen(good[_i].key), "%s", why);
	ck_assert_int_eq(memcmp(key, good[_i].key, length), 0);
}
END_TEST

static const struct {
	const char *text;
	size_t length; /* 0: of the text */
	const char *why;
} bad[] = {
	{ "", 0, "line 1 has a key of less than 16 bytes" },
	{ "\n", 0, "line 1 has a key of less than 16 bytes" },
	{ "0123456789abcde\n", 0, "line 1 has a key of less than 16 bytes" },
	{ KEY_64 "x", 0, "line 1 has a key of more than 64 bytes" },
	{ KEY_16 "\n\n", 0, "line 2 is one too many" },
	{ KEY_16 "\n" KEY_16, 0, "line 2 is one too many" },
	{ KEY_16 "\0" KEY_16, 33, "line 1 is not text" },
	{ KEY_16 "\t\n", 0, "line 1 is not text" },
	{ KEY_16 "\x7f", 0, "line 1 is not text" },
	{ KEY_16 " \r\n", 0, "line 1 has a blank at its beginning or its end" },
	{ " HEX:00112233445566778899aabbccddeeff", 0,
	    "line 1 has a blank at its beginning or its end" },
	{ "hex:", 0, "line 1 has a key of less than 16 bytes" },
	{ "HEX: 00112233445566778899aabbccddeeff", 0,
	    "line 1 has an odd number of digits after \"HEX:\"" },
	{ "HEX:00112233445566778899aabbccddee", 0,
	    "line 1 has a key of less than 16 bytes" },
	{ "HEX:00112233445566778899aabbccddeeff0", 0,
	    "line 1 has an odd number of digits after \"HEX:\"" },
	{ "HEX:00112233445566778899aabbccddeeg0", 0,
	    "line 1 has something else than digits after \"HEX:\"" },
	{ "HEX:" KEY_64 KEY_64 "00", 0,
	    "line 1 has a key of more than 64 bytes" },
};

START_TEST(test_refuses)
{
	size_t length =
	    bad[_i].length > 0 ? bad[_i].length : strlen(bad[_i].text);
	uint8_t key[MAC_KEY_MAX];
	const char *why = "";
	char expected[160];

	ck_assert_uint_eq(mac_read_key(bad[_i].text, length, key, &why), 0);
	snprintf(expected, sizeof(expected),
	    "%s; expected HEX: and 32 to 128 hexadecimal digits, upper or "
	    "lower case, or 16 to 64 characters",
	    bad[_i].why);
	ck_assert_str_eq(why, expected);
}
END_TEST

Suite *
mac_key_suite(void)
{
	Suite *suite = suite_create("mac_key");
	TCase *tcase = tcase_create("mac_key");

	tcase_add_loop_test(tcase, test_reads, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	suite_add_tcase(suite, tcase);
	return suite;
}
