/* SPDX-License-Identifier: ISC */
/*
 * src/services/qotd.c: how a file is read, and whose turn it is.  Pure.
 */
#include "unit/services/ask.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	const char *quotes[4]; /* in turn; ended by NULL */
} files[] = {
	{ "One.\n", { "One.\n" } },
	{ "No end of the line", { "No end of the line" } },
	{ "One.\n%\nTwo.\n", { "One.\n", "Two.\n" } },
	{ "One.\n%\nTwo.\n%\n", { "One.\n", "Two.\n" } },
	{ "%\nOne.\n%\nTwo.\n%", { "One.\n", "Two.\n" } },
	{ "One.\nof two lines\n%\nTwo.\n\nof three\n%\nThree\n",
	    { "One.\nof two lines\n", "Two.\n\nof three\n", "Three\n" } },
	/* As Windows writes it. */
	{ "One.\r\n%\r\nTwo.\r\n", { "One.\r\n", "Two.\r\n" } },
	{ "One.\n% \t\nTwo.\n", { "One.\n", "Two.\n" } },
	/* Blank quotes do not count. */
	{ "%\n%\n \n%\nOne.\n%\n\n\n%\n", { "One.\n" } },
	/* A % among other characters is a character. */
	{ "100 %\n%%\n% of it\n %\n%\nTwo.\n",
	    { "100 %\n%%\n% of it\n %\n", "Two.\n" } },
};

/* Room for the settings of the service. */
static _Alignas(max_align_t) uint8_t settings[64];

/* Let the file be that one; NULL: there is none. */
static struct service_context
context_of(const char *text, size_t length)
{
	struct service_context context = { .node = "" };
	struct service_file *file =
	    ask_setting(&service_qotd, settings, "file");

	ck_assert_uint_le(service_qotd.settings_size, sizeof(settings));
	*file = (struct service_file){ .length = length };
	memcpy(&file->text, &text, sizeof(text));
	if (text != NULL)
		ask_prepare(&service_qotd, settings, &context);
	return context;
}

START_TEST(test_takes_turns)
{
	struct service_context context =
	    context_of(files[_i].text, strlen(files[_i].text));
	const char *reply, *expected;
	char why[SERVICE_WHY] = "";
	size_t count = 0, day;
	int length;

	ck_assert_msg(service_qotd.check(settings, why) == NULL, "%s", why);
	while (files[_i].quotes[count] != NULL)
		count++;
	for (day = 0; day < 2 * count; day++) {
		expected = files[_i].quotes[day % count];
		context.now.utc_ns = (int64_t)day * DAY;
		length = ask_bytes(&service_qotd, &context, "", 0, &reply);
		ck_assert_str_eq(reply, expected);
		ck_assert_int_eq(length, (int)strlen(expected));
		/* All day long. */
		context.now.utc_ns += DAY - 1;
		ask_bytes(&service_qotd, &context, "\n", 1, &reply);
		ck_assert_str_eq(reply, expected);
	}
}
END_TEST

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ NULL, "is missing: the file with the quotes" },
	{ "", "has no quotes" },
	{ "\n", "has no quotes" },
	{ "%", "has no quotes" },
	{ "%\n \t\r\n%\n", "has no quotes" },
};

START_TEST(test_refuses)
{
	char why[SERVICE_WHY] = "";

	context_of(
	    bad[_i].text, bad[_i].text != NULL ? strlen(bad[_i].text) : 0);
	ck_assert_pstr_eq(service_qotd.check(settings, why), "file");
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

/* The longest quote; and one byte more, with its place. */
START_TEST(test_refuses_long_quotes)
{
	char text[600] = "One.\nhas two lines\n%\n", why[SERVICE_WHY] = "";
	struct service_context context;
	size_t start = strlen(text);
	const char *reply;

	memset(text + start, 'x', 512);
	memcpy(text + start + 512, "\n%\nThree\n", 10);
	/* With the end of its line it is a byte too long. */
	context_of(text, strlen(text));
	ck_assert_pstr_eq(service_qotd.check(settings, why), "file");
	ck_assert_str_eq(
	    why, "has a quote of 513 bytes at line 4; the limit is 512");
	context = context_of(text, start + 512);
	context.now.utc_ns = DAY;
	ck_assert_ptr_null(service_qotd.check(settings, why));
	ck_assert_int_eq(
	    ask_bytes(&service_qotd, &context, "", 0, &reply), 512);
}
END_TEST

/* An echo of it goes no further. */
START_TEST(test_does_not_answer_itself)
{
	struct service_context context = context_of("One.\n", 5);
	const char *reply;

	ck_assert_int_eq(
	    ask_bytes(&service_qotd, &context, "One.\n", 5, &reply),
	    -SERVICE_NOT_REQUEST);
	ck_assert_int_eq(
	    ask_bytes(&service_qotd, &context, "One.", 4, &reply), 5);
	ck_assert_int_eq(
	    ask_bytes(&service_qotd, &context, "one.\n", 5, &reply), 5);
	ask_room = 4;
	ck_assert_int_eq(
	    ask_bytes(&service_qotd, &context, "one.\n", 5, &reply),
	    -SERVICE_NO_ROOM);
}
END_TEST

Suite *
qotd_suite(void)
{
	Suite *suite = suite_create("qotd");
	TCase *tcase = ask_tcase("qotd");

	tcase_add_loop_test(tcase, test_takes_turns, 0, LENGTH(files));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_test(tcase, test_refuses_long_quotes);
	tcase_add_test(tcase, test_does_not_answer_itself);
	suite_add_tcase(suite, tcase);
	return suite;
}
