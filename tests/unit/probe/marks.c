/* SPDX-License-Identifier: ISC */
/*
 * src/probe/marks.c: what is kept of the headers of answers, and in words.
 */
#include "probe/marks.h"

#include "unit/probe/suites.h"

/* The last answer counts, and each CE. */
START_TEST(test_take)
{
	static const struct mh_datagram answers[] = {
		{ .ttl = 64, .tos = 0x03 },
		{ .ttl = 63, .tos = 0xbb },
		{ .ttl = 62, .tos = 0x02 },
		{ .ttl = 61, .tos = 0x01 },
	};
	struct marks marks = marks_none;
	size_t i;

	ck_assert_int_eq(marks.ttl, -1);
	ck_assert_int_eq(marks.tos, -1);
	for (i = 0; i < LENGTH(answers); i++)
		marks_take(&marks, &answers[i]);
	ck_assert_int_eq(marks.ttl, 61);
	ck_assert_int_eq(marks.tos, 1);
	ck_assert_uint_eq(marks.congested, 2);
}
END_TEST

/* Where the system does not tell, nothing is marked: -1 has all bits. */
START_TEST(test_unknown)
{
	static const struct mh_datagram answer = { .ttl = -1, .tos = -1 };
	struct marks marks = marks_none;

	marks_take(&marks, &answer);
	ck_assert_int_eq(marks.tos, -1);
	ck_assert_uint_eq(marks.congested, 0);
}
END_TEST

static const struct {
	unsigned int tos;
	const char *text;
} texts[] = {
	{ 0x00, "DSCP 0 ECN not-ect" },
	{ 0x01, "DSCP 0 ECN ect1" },
	{ 0x02, "DSCP 0 ECN ect0" },
	{ 0xb8, "DSCP 46 ECN not-ect" },
	{ 0xff, "DSCP 63 ECN ce" },
};

START_TEST(test_format)
{
	char text[MARKS_TEXT];

	ck_assert_str_eq(marks_format(texts[_i].tos, text), texts[_i].text);
}
END_TEST

Suite *
probe_marks_suite(void)
{
	Suite *suite = suite_create("probe marks");
	TCase *tcase = tcase_create("marks");

	tcase_add_test(tcase, test_take);
	tcase_add_test(tcase, test_unknown);
	tcase_add_loop_test(tcase, test_format, 0, LENGTH(texts));
	suite_add_tcase(suite, tcase);
	return suite;
}
