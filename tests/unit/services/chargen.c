/* SPDX-License-Identifier: ISC */
/*
 * src/services/chargen.c: the page of the RFC, and never more than allowed.
 * Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

/* The page as the RFC shows it, without the ends of the lines. */
static const char *const lines[] = {
	"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
	"abcdefgh",
	"\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`a"
	"bcdefghi",
	"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`ab"
	"cdefghij",
};

START_TEST(test_writes_the_page)
{
	struct service_context context = { .node = "" };
	const char *reply;
	size_t i;

	ck_assert_int_eq(
	    ask_bytes(&service_chargen, &context, "", 0, &reply), 512);
	for (i = 0; i < LENGTH(lines); i++) {
		ck_assert_mem_eq(reply + i * 74, lines[i], 72);
		ck_assert_mem_eq(reply + i * 74 + 72, "\r\n", 2);
	}
	/* All of it is printable. */
	for (i = 0; i < 512; i++)
		ck_assert((reply[i] >= ' ' && reply[i] <= '~') || i % 74 >= 72);
}
END_TEST

static const struct {
	size_t allowed;
	int expected;
} sizes[] = { { 0, 0 }, { 1, 1 }, { 18, 18 }, { 73, 73 }, { 74, 74 },
	{ 511, 511 }, { 512, 512 }, { 513, 512 }, { ASK_ANY, 512 } };

START_TEST(test_writes_what_is_allowed)
{
	struct service_context context = { .node = "" };
	const char *reply;

	ask_room = sizes[_i].allowed;
	ck_assert_int_eq(ask_bytes(&service_chargen, &context, "x", 1, &reply),
	    sizes[_i].expected);
}
END_TEST

static const struct {
	const char *bytes;
	bool request;
} requests[] = {
	{ "", true },
	{ "\r\n", true },
	{ "hi", true },
	{ "more, please", true },
	{ "0123456", true },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
	{ "hgfedcba", true },
	{ "01234567", false },
	{ "1. abcdefgh", false },
	/* Where the sequence of 72 wraps. */
	{ "uvwxyz{|}~ !\"#$%", false },
	{ "wxyz{|}~\r\n", false },
};

START_TEST(test_does_not_answer_replies)
{
	struct service_context context = { .node = "" };
	const char *reply;
	int length = ask_bytes(&service_chargen, &context, requests[_i].bytes,
	    strlen(requests[_i].bytes), &reply);

	ck_assert_msg((length != -SERVICE_NOT_REQUEST) == requests[_i].request,
	    "asked \"%s\": %d", requests[_i].bytes, length);
}
END_TEST

/* Its own page, of any length that a stranger can be sent. */
START_TEST(test_does_not_answer_itself)
{
	struct service_context context = { .node = "" };
	char page[512];
	const char *reply;
	int length;

	for (ask_room = 18; ask_room <= 512; ask_room++) {
		length = ask_bytes(&service_chargen, &context, "", 0, &reply);
		ck_assert_int_eq(length, (int)ask_room);
		memcpy(page, reply, (size_t)length);
		ck_assert_int_eq(ask_bytes(&service_chargen, &context, page,
				     (size_t)length, &reply),
		    -SERVICE_NOT_REQUEST);
	}
}
END_TEST

Suite *
chargen_suite(void)
{
	Suite *suite = suite_create("chargen");
	TCase *tcase = ask_tcase("chargen");

	tcase_add_test(tcase, test_writes_the_page);
	tcase_add_loop_test(
	    tcase, test_writes_what_is_allowed, 0, LENGTH(sizes));
	tcase_add_loop_test(
	    tcase, test_does_not_answer_replies, 0, LENGTH(requests));
	tcase_add_test(tcase, test_does_not_answer_itself);
	suite_add_tcase(suite, tcase);
	return suite;
}
