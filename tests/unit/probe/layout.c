/* SPDX-License-Identifier: ISC */
/*
 * src/probe/layout.c: which columns there is room for, and lines that end where
 * it ends.
 */
#include "probe/layout.h"

#include "unit/probe/suites.h"

#include <string.h>

static const struct layout_widths ipv4 = { 15, 15, 23, 11 };
static const struct layout_widths ipv6 = { 43, 45, 31, 11 };

static const struct {
	const struct layout_widths *widths;
	unsigned int columns;
	struct layout layout;
} fits[] = {
	{ &ipv4, 0, { 15, 15, 23, LAYOUT_ALL_TIMES, true, true } },
	{ &ipv4, 71, { 15, 15, 23, LAYOUT_ALL_TIMES, true, true } },
	{ &ipv4, 70, { 15, 15, 11, LAYOUT_AVERAGE, true, false } },
	{ &ipv4, 60, { 15, 15, 11, LAYOUT_AVERAGE, true, false } },
	{ &ipv4, 55, { 15, 15, 11, LAYOUT_AVERAGE, true, false } },
	{ &ipv4, 54, { 15, 15, 11, LAYOUT_NO_TIMES, true, false } },
	{ &ipv4, 41, { 15, 15, 11, LAYOUT_NO_TIMES, false, false } },
	{ &ipv4, 32, { 15, 15, 11, LAYOUT_NO_TIMES, false, false } },
	/* Half for each; or what the other does not need. */
	{ &ipv4, 31, { 14, 15, 11, LAYOUT_NO_TIMES, false, false } },
	{ &ipv4, 20, { 8, 10, 11, LAYOUT_NO_TIMES, false, false } },
	{ &ipv6, 60, { 28, 30, 11, LAYOUT_NO_TIMES, false, false } },
	{ &ipv6, 89, { 43, 44, 11, LAYOUT_NO_TIMES, false, false } },
	{ &ipv6, 137, { 43, 45, 31, LAYOUT_ALL_TIMES, true, true } },
	/* There is no such terminal, but it does no harm. */
	{ &ipv6, 1, { 1, 0, 11, LAYOUT_NO_TIMES, false, false } },
};

START_TEST(test_fit)
{
	struct layout layout = layout_fit(fits[_i].widths, fits[_i].columns);
	const struct layout *wanted = &fits[_i].layout;

	ck_assert_int_eq(layout.label, wanted->label);
	ck_assert_int_eq(layout.source, wanted->source);
	ck_assert_int_eq(layout.times, wanted->times);
	ck_assert_int_eq(layout.show, wanted->show);
	ck_assert_int_eq(layout.counts, wanted->counts);
	ck_assert_int_eq(layout.ttl, wanted->ttl);
}
END_TEST

static const struct {
	unsigned int columns;
	const char *text, *printed;
} lines[] = {
	{ 0, "abcdef", "abcdef,end" },
	{ 10, "abcdef", "abcdef,end" },
	{ 9, "abcdef", "abcdef,en" },
	{ 6, "abcdef", "abcdef" },
	{ 1, "abcdef", "a" },
	/* A character is never cut in two. */
	{ 3, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "\xc3\xa4\xc3\xb6\xc3\xbc" },
	/* What would clear the screen, or begin another line. */
	{ 0, "\033[2J\n\r\177", "?[2J???,end" },
};

START_TEST(test_line)
{
	FILE *file = suites_output();
	struct layout_line line = layout_line_begin(file, lines[_i].columns);

	layout_line_add(&line, "%s", lines[_i].text);
	layout_line_add(&line, ",%s", "end");
	suites_expect(file, lines[_i].printed);
}
END_TEST

static const struct {
	const char *text;
	int width;
	const char *shortened;
} shorts[] = {
	{ "192.0.2.77:7", 12, "192.0.2.77:7" },
	{ "192.0.2.77:7", 11, "~2.0.2.77:7" },
	{ "192.0.2.77:7", 2, "~7" },
	{ "192.0.2.77:7", 1, "~" },
	{ "192.0.2.77:7", 0, "~" },
	{ "", 5, "" },
	/* Characters, not bytes. */
	{ "b\xc3\xbc"
	  "cher:7",
	    8,
	    "b\xc3\xbc"
	    "cher:7" },
	{ "b\xc3\xbc"
	  "cher:7",
	    7, "~cher:7" },
	{ "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 2, "~\xe2\x82\xac" },
};

START_TEST(test_shorten)
{
	char text[LAYOUT_TEXT];

	ck_assert_str_eq(
	    layout_shorten(shorts[_i].text, shorts[_i].width, text),
	    shorts[_i].shortened);
	ck_assert_int_le(
	    layout_width(text), shorts[_i].width > 0 ? shorts[_i].width : 1);
}
END_TEST

static const struct {
	const char *text;
	const char *padded;
} pads[] = {
	{ "abc", "abc  |" },
	{ "b\xc3\xbc", "b\xc3\xbc   |" },
	{ "\xe2\x82\xac", "\xe2\x82\xac    |" },
	{ "abcdef", "abcdef|" },
	{ "", "     |" },
};

START_TEST(test_pad)
{
	FILE *file = suites_output();
	struct layout_line line = layout_line_begin(file, 0);

	layout_line_pad(&line, pads[_i].text, 5);
	layout_line_add(&line, "|");
	suites_expect(file, pads[_i].padded);
}
END_TEST

Suite *
probe_layout_suite(void)
{
	Suite *suite = suite_create("probe layout");
	TCase *tcase = tcase_create("layout");

	tcase_add_loop_test(tcase, test_fit, 0, LENGTH(fits));
	tcase_add_loop_test(tcase, test_line, 0, LENGTH(lines));
	tcase_add_loop_test(tcase, test_shorten, 0, LENGTH(shorts));
	tcase_add_loop_test(tcase, test_pad, 0, LENGTH(pads));
	suite_add_tcase(suite, tcase);
	return suite;
}
