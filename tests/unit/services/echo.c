/* SPDX-License-Identifier: ISC */
/*
 * src/services/echo.c: the request itself, or nothing.  Pure.
 */
#include "unit/services/ask.h"

#include <string.h>

static const size_t lengths[] = { 0, 1, 18, 19, 1472, ASK_ANY };

START_TEST(test_same_bytes)
{
	static uint8_t bytes[ASK_ANY];
	const struct mh_datagram request = { .data = bytes,
		.length = lengths[_i] };
	struct service_context context = { .node = "" };
	struct service_reply reply = { .room = ASK_ANY };

	memset(bytes, 0xa5, sizeof(bytes));
	ck_assert_int_eq(
	    service_echo.answer(&request, &context, &reply), SERVICE_REPLY);
	/* Not a copy. */
	ck_assert_ptr_eq(reply.data, bytes);
	ck_assert_uint_eq(reply.length, lengths[_i]);
	ck_assert_int_eq(reply.from, SERVICE_ASKED);
}
END_TEST

/* As much as there is room for, and no less. */
START_TEST(test_needs_room)
{
	struct service_context context = { .node = "" };
	const char *reply;

	ask_room = 5;
	ck_assert_int_eq(
	    ask_bytes(&service_echo, &context, "hello", 5, &reply), 5);
	ck_assert_str_eq(reply, "hello");
	ask_room = 4;
	ck_assert_int_eq(ask_bytes(&service_echo, &context, "hello", 5, &reply),
	    -SERVICE_NO_ROOM);
}
END_TEST

Suite *
echo_suite(void)
{
	Suite *suite = suite_create("echo");
	TCase *tcase = ask_tcase("echo");

	tcase_add_loop_test(tcase, test_same_bytes, 0, LENGTH(lengths));
	tcase_add_test(tcase, test_needs_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
