/* SPDX-License-Identifier: ISC */
/*
 * src/services/daytime.c: to the byte.  Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

static const struct {
	int64_t seconds;
	size_t allowed;
	const char *expected;
} cases[] = {
	{ 0, ASK_ANY, "1970-01-01T00:00:00Z\r\n" },
	{ 951782399, ASK_ANY, "2000-02-28T23:59:59Z\r\n" },
	{ 951782400, 22, "2000-02-29T00:00:00Z\r\n" },
	{ 951782400, 21, "20000229T000000Z\r\n" },
	{ 1709210096, 18, "20240229T123456Z\r\n" },
	{ 2147483648, 18, "20380119T031408Z\r\n" },
	{ 4107542400, 22, "2100-03-01T00:00:00Z\r\n" },
};

START_TEST(test_tells_the_time)
{
	struct service_context context = {
		.now.utc_ns = cases[_i].seconds * SECOND + 999999999,
	};
	const char *reply;
	int length;

	ask_room = cases[_i].allowed;
	length = ask_bytes(&service_daytime, &context, "", 0, &reply);

	ck_assert_str_eq(reply, cases[_i].expected);
	ck_assert_int_eq(length, (int)strlen(cases[_i].expected));
}
END_TEST

/* Not even the short form fits. */
START_TEST(test_needs_room)
{
	struct service_context context = { .node = "" };
	const char *reply;

	ask_room = 17;
	ck_assert_int_eq(ask_bytes(&service_daytime, &context, "", 0, &reply),
	    -SERVICE_NO_ROOM);
}
END_TEST

static const char *const requests[] = { "", "\n", "\r\n", "hi\n",
	"what time is it?", "5", "1 2 3", "a1b2c3", "                  " };

START_TEST(test_answers)
{
	struct service_context context = { .node = "" };
	const char *reply;

	ck_assert_msg(ask_bytes(&service_daytime, &context, requests[_i],
			  strlen(requests[_i]), &reply) > 0,
	    "silent when asked \"%s\"", requests[_i]);
}
END_TEST

/* What servers of the time of day send, ours among them. */
static const char *const replies[] = {
	"2026-08-25T12:34:56Z\r\n",
	"20260825T123456Z\r\n",
	"Tue Aug 25 12:34:56 2026\r\n",
	"25 AUG 2026 12:34:56 CEST\r\n",
	"Tuesday, February 22, 1982 17:37:43-PST\r\n",
	"61277 26-08-25 12:34:56 50 0 0 500.0 UTC(NIST) * \r\n",
	"12:34:56 25.08.2026\n",
	"0:00\n",
	"9:99\n",
	" !\"#$%&'()*+,-./0123456789",
};

START_TEST(test_does_not_answer_replies)
{
	struct service_context context = { .node = "" };
	const char *reply;

	ck_assert_msg(ask_bytes(&service_daytime, &context, replies[_i],
			  strlen(replies[_i]), &reply) == -SERVICE_NOT_REQUEST,
	    "answers %s", replies[_i]);
}
END_TEST

Suite *
daytime_suite(void)
{
	Suite *suite = suite_create("daytime");
	TCase *tcase = ask_tcase("daytime");

	tcase_add_loop_test(tcase, test_tells_the_time, 0, LENGTH(cases));
	tcase_add_test(tcase, test_needs_room);
	tcase_add_loop_test(tcase, test_answers, 0, LENGTH(requests));
	tcase_add_loop_test(
	    tcase, test_does_not_answer_replies, 0, LENGTH(replies));
	suite_add_tcase(suite, tcase);
	return suite;
}
