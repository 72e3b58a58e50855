/* SPDX-License-Identifier: ISC */
/*
 * src/common/json.c: strings in any script, and in none.  Pure.
 */
#include "common/json.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *value, *shown;
} strings[] = {
	{ "", "" },
	{ "a.example ~!", "a.example ~!" },
	{ "a\"b\\c/", "a\\\"b\\\\c/" },
	{ "\n\r\t", "\\u000a\\u000d\\u0009" },
	{ "\001\037\177", "\\u0001\\u001f\\u007f" },
	/* UTF-8 stays as it is: the first and the last of each form. */
	{ "b\303\274cher.example", "b\303\274cher.example" },
	{ "\302\200\337\277", "\302\200\337\277" },
	{ "\340\240\200\357\277\277", "\340\240\200\357\277\277" },
	{ "\355\237\277\356\200\200", "\355\237\277\356\200\200" },
	{ "\360\220\200\200\364\217\277\277",
	    "\360\220\200\200\364\217\277\277" },
	{ "\361\200\200\200\363\277\277\277",
	    "\361\200\200\200\363\277\277\277" },
	{ "\341\200\200\354\277\277", "\341\200\200\354\277\277" },
	{ "\342\202\254\360\237\230\200", "\342\202\254\360\237\230\200" },
	/* Not UTF-8: Latin 1, cut off, overlong, a surrogate, too high. */
	{ "a\377b", "a\\u00ffb" },
	{ "b\374cher", "b\\u00fccher" },
	{ "\200", "\\u0080" },
	{ "\303", "\\u00c3" },
	{ "\342\202", "\\u00e2\\u0082" },
	{ "\360\237\230", "\\u00f0\\u009f\\u0098" },
	{ "\303\"", "\\u00c3\\\"" },
	{ "\302\300", "\\u00c2\\u00c0" },
	{ "\303\177", "\\u00c3\\u007f" },
	{ "\301\277", "\\u00c1\\u00bf" },
	{ "\300\257", "\\u00c0\\u00af" },
	{ "\340\237\277", "\\u00e0\\u009f\\u00bf" },
	{ "\360\217\277\277", "\\u00f0\\u008f\\u00bf\\u00bf" },
	{ "\355\240\200", "\\u00ed\\u00a0\\u0080" },
	{ "\364\220\200\200", "\\u00f4\\u0090\\u0080\\u0080" },
	{ "\365\200\200\200", "\\u00f5\\u0080\\u0080\\u0080" },
	{ "\360\237\230x", "\\u00f0\\u009f\\u0098x" },
};

START_TEST(test_string)
{
	struct strbuf text = { .text = NULL };
	char wanted[128], *copy = strdup(strings[_i].value);

	json_string(&text, copy);
	snprintf(wanted, sizeof(wanted), "\"%s\"", strings[_i].shown);
	ck_assert_str_eq(text.text, wanted);
	free(text.text);
	free(copy);
}
END_TEST

START_TEST(test_member)
{
	struct strbuf text = { .text = NULL };

	json_member(&text, "name", "a \"b\"");
	ck_assert_str_eq(text.text, ",\"name\":\"a \\\"b\\\"\"");
	free(text.text);
}
END_TEST

/* The longest possible. */
START_TEST(test_size)
{
	char buffer[JSON_STRING_SIZE(5)];
	struct strbuf text = strbuf_over(buffer, sizeof(buffer));

	json_string(&text, "\377\377\377\377\377");
	ck_assert(!text.lost);
	ck_assert_uint_eq(text.length, sizeof(buffer) - 1);
	text = strbuf_over(buffer, sizeof(buffer) - 1);
	json_string(&text, "\377\377\377\377\377");
	ck_assert(text.lost);
}
END_TEST

Suite *
json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");

	tcase_add_loop_test(tcase, test_string, 0, LENGTH(strings));
	tcase_add_test(tcase, test_member);
	tcase_add_test(tcase, test_size);
	suite_add_tcase(suite, tcase);
	return suite;
}
