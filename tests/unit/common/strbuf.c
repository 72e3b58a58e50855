/* SPDX-License-Identifier: ISC */
/*
 * src/common/strbuf.c: text that grows, and text that is cut.  Pure, but for
 * memory.
 */
#include "common/strbuf.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

START_TEST(test_grows)
{
	struct strbuf text = { .text = NULL };
	char wanted[2001] = "";
	unsigned int i;

	for (i = 0; i < 500; i++) {
		strbuf_print(&text, "%02u", i % 100);
		strbuf_add(&text, "\0x", 2);
		snprintf(wanted + 4 * i, 3, "%02u", i % 100);
		memcpy(wanted + 4 * i + 2, "\0x", 2);
		ck_assert_uint_eq(text.length, 4 * i + 4);
		ck_assert_int_eq(text.text[text.length], '\0');
	}
	ck_assert_mem_eq(text.text, wanted, 2000);
	ck_assert(!text.lost);
	free(text.text);
}
END_TEST

/* One piece may be longer than all the room there was. */
START_TEST(test_grows_at_once)
{
	struct strbuf text = { .text = NULL };
	char piece[5000];

	memset(piece, 'a', sizeof(piece));
	strbuf_print(&text, "%.*s", (int)sizeof(piece), piece);
	strbuf_add(&text, piece, sizeof(piece));
	ck_assert_uint_eq(text.length, 2 * sizeof(piece));
	ck_assert_uint_eq(strlen(text.text), 2 * sizeof(piece));
	/* Written again from an earlier place. */
	text.length = 1;
	strbuf_print(&text, "b");
	ck_assert_str_eq(text.text, "ab");
	free(text.text);
}
END_TEST

/* A text of nothing is a text. */
START_TEST(test_empty)
{
	struct strbuf printed = { .text = NULL }, added = { .text = NULL };

	strbuf_print(&printed, "%s", "");
	strbuf_add(&added, "x", 0);
	ck_assert_str_eq(printed.text, "");
	ck_assert_str_eq(added.text, "");
	ck_assert(!printed.lost && !added.lost);
	free(printed.text);
	free(added.text);
}
END_TEST

START_TEST(test_no_memory)
{
	struct strbuf text = { .text = NULL };

	strbuf_print(&text, "here");
	/* More than any memory has. */
	strbuf_add(&text, "x", SIZE_MAX / 2);
	ck_assert(text.lost);
	ck_assert_str_eq(text.text, "here");
	strbuf_add(&text, ".", 1);
	ck_assert_str_eq(text.text, "here.");
	free(text.text);
}
END_TEST

/* Of each size, around the eight characters of "12345678". */
static const struct {
	size_t size;
	const char *text;
	bool lost;
} cuts[] = {
	{ 1, "", true },
	{ 2, "1", true },
	{ 3, "12", true },
	{ 5, "1234", true },
	{ 6, "12345", true },
	{ 8, "1234567", true },
	{ 9, "12345678", false },
	{ 10, "12345678", false },
};

START_TEST(test_cut)
{
	char buffer[16];
	struct strbuf text = strbuf_over(buffer, cuts[_i].size);

	memset(buffer, '!', sizeof(buffer));
	text = strbuf_over(buffer, cuts[_i].size);
	ck_assert_str_eq(text.text, "");
	strbuf_print(&text, "%d", 12);
	strbuf_add(&text, "345", 3);
	strbuf_print(&text, "%s", "678");
	ck_assert_str_eq(buffer, cuts[_i].text);
	ck_assert_ptr_eq(text.text, buffer);
	ck_assert_uint_eq(text.length, strlen(cuts[_i].text));
	ck_assert_int_eq(text.lost, cuts[_i].lost);
	ck_assert_int_eq(buffer[cuts[_i].size], '!');
}
END_TEST

/* Anything added after the cut would look as if nothing were missing. */
START_TEST(test_nothing_after_a_cut)
{
	char buffer[8];
	struct strbuf text = strbuf_over(buffer, sizeof(buffer));

	strbuf_print(&text, "123");
	strbuf_add(&text, "4567890", 7);
	ck_assert_str_eq(buffer, "1234567");
	text.length = 3;
	buffer[3] = '\0';
	strbuf_print(&text, "x");
	strbuf_add(&text, "y", 1);
	ck_assert_str_eq(buffer, "123");
	ck_assert(text.lost);
}
END_TEST

/* Not even for a NUL. */
START_TEST(test_no_room)
{
	char byte = '!';
	struct strbuf text = strbuf_over(&byte, 0);

	strbuf_print(&text, "%s", "");
	strbuf_add(&text, "", 0);
	ck_assert(!text.lost);
	strbuf_print(&text, "x");
	ck_assert(text.lost);
	text.lost = false;
	strbuf_add(&text, "x", 1);
	ck_assert(text.lost);
	ck_assert_uint_eq(text.length, 0);
	ck_assert_int_eq(byte, '!');
}
END_TEST

Suite *
strbuf_suite(void)
{
	Suite *suite = suite_create("strbuf");
	TCase *tcase = tcase_create("strbuf");

	tcase_add_test(tcase, test_grows);
	tcase_add_test(tcase, test_grows_at_once);
	tcase_add_test(tcase, test_empty);
	tcase_add_test(tcase, test_no_memory);
	tcase_add_loop_test(tcase, test_cut, 0, LENGTH(cuts));
	tcase_add_test(tcase, test_nothing_after_a_cut);
	tcase_add_test(tcase, test_no_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
