/* SPDX-License-Identifier: ISC */
/*
 * src/services/pattern.c: what people write, and the error if it cannot be
 * parsed.  Pure.
 */
#include "services/service.h"

#include "unit/unit.h"

#include <string.h>

/* A byte of the mask is given as x (must match) or ? (any). */
static const struct {
	const char *text;
	const char *bytes;
	const char *mask;
} good[] = {
	{ "\"PING\"", "PING", "xxxx" },
	{ "\"\"", "", "" },
	{ "\"\"\"\"", "", "" },
	{ "  \"a\" \t\"b\"\"c\" ", "abc", "xxx" },
	{ "\"\\n\\r\\t\\0\\\\\\\"\"", "\n\r\t\0\\\"", "xxxxxx" },
	{ "\"\\x00\\xff\\x4A\\x4a0\"", "\0\xff\x4a\x4a\x30", "xxxxx" },
	{ "\"what?\"", "what?", "xxxxx" },
	{ "\"a b ; # =\"", "a b ; # =", "xxxxxxxxx" },
	{ "\"\xc3\xa9\"", "\xc3\xa9", "xx" },
	{ "\"a\"?\"b\"", "a\0b", "x?x" },
	{ "\"a\" ? ??\"\"", "a\0\0\0", "x???" },
	{ "? \"\"", "\0", "?" },
	{ "00", "\0", "x" },
	{ "0123456789abcdefABCDEF",
	    "\x01\x23\x45\x67\x89\xab\xcd\xef\xab\xcd\xef", "xxxxxxxxxxx" },
	{ " ff  00\t1f ", "\xff\0\x1f", "xxx" },
	{ "ff??00", "\xff\0\0", "x?x" },
	{ "??", "\0", "?" },
	{ "???? ??", "\0\0\0", "???" },
};

START_TEST(test_reads)
{
	size_t length = strlen(good[_i].mask), i;
	struct service_pattern pattern;
	char why[SERVICE_WHY] = "";

	memset(&pattern, 0xa5, sizeof(pattern));
	ck_assert_msg(service_pattern_parse(&pattern, good[_i].text, true, why),
	    "%s %s", good[_i].text, why);
	ck_assert_uint_eq(pattern.length, length);
	ck_assert_mem_eq(pattern.bytes, good[_i].bytes, length);
	for (i = 0; i < length; i++)
		ck_assert_uint_eq(
		    pattern.mask[i], good[_i].mask[i] == 'x' ? 0xff : 0);
}
END_TEST

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "", "is empty: write the empty text as \"\"" },
	{ " \t", "is empty: write the empty text as \"\"" },
	{ "\"", "lacks a closing \"" },
	{ "\"PING", "lacks a closing \"" },
	{ "\"PING\" \"", "lacks a closing \"" },
	{ "\"PING\\\"", "lacks a closing \"" },
	{ "\"PING\\", "lacks a closing \"" },
	{ "PING", "has \"PING\" instead of two hexadecimal digits" },
	{ "\"PING\" x", "has \"x\" outside quotes" },
	{ "x\"PING\"", "has \"x\"PING\"\" outside quotes" },
	{ "\"PING\" 00", "has \"00\" outside quotes" },
	{ "\"\\q\"", "has an unknown escape \\q" },
	{ "\"\\X00\"", "has an unknown escape \\X" },
	{ "\"\\x0\"", "has a \\x without two hexadecimal digits" },
	{ "\"\\x\"", "has a \\x without two hexadecimal digits" },
	{ "\"\\xg0\"", "has a \\x without two hexadecimal digits" },
	{ "\"\\x", "has a \\x without two hexadecimal digits" },
	{ "0", "has \"0\" instead of two hexadecimal digits" },
	{ "000", "has \"0\" instead of two hexadecimal digits" },
	{ "0 0", "has \"0 0\" instead of two hexadecimal digits" },
	{ "0x00", "has \"0x00\" instead of two hexadecimal digits" },
	{ "0g", "has \"0g\" instead of two hexadecimal digits" },
	{ "00,00", "has \",00\" instead of two hexadecimal digits" },
	{ "0?", "has \"0?\" instead of two hexadecimal digits" },
	{ "?0", "has \"?0\" instead of two hexadecimal digits" },
	{ "00 ?", "has \"?\" instead of two hexadecimal digits" },
	{ "a very long text that has nothing to do with it",
	    "has \"a very long text tha\" instead of two hexadecimal "
	    "digits" },
};

START_TEST(test_refuses)
{
	struct service_pattern pattern, before;
	char why[SERVICE_WHY] = "";

	memset(&pattern, 0xa5, sizeof(pattern));
	before = pattern;
	ck_assert_msg(!service_pattern_parse(&pattern, bad[_i].text, true, why),
	    "%s: taken", bad[_i].text);
	ck_assert_str_eq(why, bad[_i].why);
	ck_assert_mem_eq(&pattern, &before, sizeof(pattern));
}
END_TEST

static const char *const wild[] = { "\"a\"?", "?\"a\"", "a0??", "??" };

START_TEST(test_refuses_wildcards)
{
	struct service_pattern pattern;
	char why[SERVICE_WHY] = "";

	ck_assert(service_pattern_parse(&pattern, wild[_i], true, why));
	ck_assert(!service_pattern_parse(&pattern, wild[_i], false, why));
	ck_assert_str_eq(why, "must not have the wildcard ?");
	/* In quotes it is an ordinary character. */
	ck_assert(service_pattern_parse(&pattern, "\"?\"", false, why));
}
END_TEST

/* 512 bytes, in each way to write them; and one more. */
static const struct {
	const char *open;
	const char *byte;
	const char *close;
} ways[] = { { "\"", "a", "\"" }, { "\"", "\\xff", "\"" }, { "", "ff", "" },
	{ "", " ??", "" }, { "\"\"", "?", "" } };

START_TEST(test_has_a_limit)
{
	char text[4 * (SERVICE_PATTERN_MAX + 2) + 1], why[SERVICE_WHY] = "";
	struct service_pattern pattern;
	unsigned int i;

	strcpy(text, ways[_i].open);
	for (i = 0; i < SERVICE_PATTERN_MAX; i++)
		strcat(text, ways[_i].byte);
	strcat(text, ways[_i].close);
	ck_assert_msg(
	    service_pattern_parse(&pattern, text, true, why), "%s", why);
	ck_assert_uint_eq(pattern.length, SERVICE_PATTERN_MAX);
	text[strlen(text) - strlen(ways[_i].close)] = '\0';
	strcat(text, ways[_i].byte);
	strcat(text, ways[_i].close);
	ck_assert(!service_pattern_parse(&pattern, text, true, why));
	ck_assert_str_eq(why, "is longer than 512 bytes");
	ck_assert_uint_eq(pattern.length, SERVICE_PATTERN_MAX);
}
END_TEST

Suite *
pattern_suite(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tcase = tcase_create("pattern");

	tcase_add_loop_test(tcase, test_reads, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_loop_test(tcase, test_refuses_wildcards, 0, LENGTH(wild));
	tcase_add_loop_test(tcase, test_has_a_limit, 0, LENGTH(ways));
	suite_add_tcase(suite, tcase);
	return suite;
}
