/* SPDX-License-Identifier: ISC */
/*
 * src/common/hex.c: every digit, in both directions.  Pure.
 */
#include "common/hex.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* All bytes, in either case. */
START_TEST(test_byte)
{
	char text[8];

	snprintf(text, sizeof(text), "%02x!", (unsigned int)_i);
	ck_assert_int_eq(hex_byte(text), _i);
	snprintf(text, sizeof(text), "%02X!", (unsigned int)_i);
	ck_assert_int_eq(hex_byte(text), _i);
}
END_TEST

/* All characters that are no digit, in either place. */
START_TEST(test_no_byte)
{
	char *text;

	if (_i != 0 && strchr("0123456789abcdefABCDEF", _i) != NULL)
		return;
	/* Of exactly its size, so that sanitizers see reads beyond it. */
	text = malloc(2);
	text[0] = (char)_i;
	text[1] = '0';
	ck_assert_int_eq(hex_byte(text), -1);
	text[0] = '0';
	text[1] = (char)_i;
	ck_assert_int_eq(hex_byte(text), -1);
	free(text);
}
END_TEST

static const struct {
	const char *bytes;
	size_t length;
	const char *separator, *text;
} prints[] = {
	{ "", 0, ":", "" }, { "\x07", 1, ":", "07" },
	{ "\x00\xff\xa5", 3, "", "00ffa5" },
	{ "\x00\xff\xa5", 3, " ", "00 ff a5" },
	{ "\x10\x02\x03\x04", 4, "", "1002030" }, /* the room below ends */
};

START_TEST(test_print)
{
	char buffer[9];
	struct strbuf text =
	    strbuf_over(buffer, prints[_i].length == 4 ? 8 : sizeof(buffer));

	hex_print(
	    &text, prints[_i].bytes, prints[_i].length, prints[_i].separator);
	ck_assert_str_eq(buffer, prints[_i].text);
	ck_assert_int_eq(text.lost, prints[_i].length == 4);
}
END_TEST

Suite *
hex_suite(void)
{
	Suite *suite = suite_create("hex");
	TCase *tcase = tcase_create("hex");

	tcase_add_loop_test(tcase, test_byte, 0, 256);
	tcase_add_loop_test(tcase, test_no_byte, 0, 256);
	tcase_add_loop_test(tcase, test_print, 0, LENGTH(prints));
	suite_add_tcase(suite, tcase);
	return suite;
}
