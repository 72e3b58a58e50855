/* SPDX-License-Identifier: ISC */
/*
 * src/services/sockperf.c: what its clients send, as captured, and what they
 * get.  Pure.
 */
#include "unit/services/ask.h"

#include "common/bytes.h"

#include <string.h>

#define HEADER 14

static const struct ask_message cases[] = {
	{ "ping-pong", "0000000000000001 0003 00000020 d4abb2cdc69bb454 a5*10",
	    "0000000000000001 0002 00000020 d4abb2cdc69bb454 a5*10",
	    SERVICE_REPLY },
	{ "the least", "fffffffffffffffe 0003 0000000e",
	    "fffffffffffffffe 0002 0000000e", SERVICE_REPLY },
	{ "other flags stay", "0000000000000002 fffb 0000000f 00",
	    "0000000000000002 fffa 0000000f 00", SERVICE_REPLY },
	{ "under-load, throughput", "0000000000000003 0001 0000000e", NULL,
	    SERVICE_QUIET },
	{ "a warm-up", "0000000000000000 0007 0000000e", NULL, SERVICE_QUIET },
	{ "a warm-up without a pong", "0000000000000000 0005 0000000e", NULL,
	    SERVICE_QUIET },
	{ "a reply", "0000000000000001 0002 0000000e", NULL,
	    SERVICE_NOT_REQUEST },
	{ "no flags", "0000000000000001 0000 0000000e", NULL,
	    SERVICE_NOT_REQUEST },
	{ "one octet short", "0000000000000001 0003 000000", NULL,
	    SERVICE_MALFORMED },
	{ "nothing", "", NULL, SERVICE_MALFORMED },
	{ "longer than it is", "0000000000000001 0003 0000000f", NULL,
	    SERVICE_MALFORMED },
	{ "shorter than it is", "0000000000000001 0003 0000000e 00", NULL,
	    SERVICE_MALFORMED },
	{ "much longer", "0000000000000001 0003 8000000e", NULL,
	    SERVICE_MALFORMED },
	{ "no length", "0000000000000001 0001 00000000", NULL,
	    SERVICE_MALFORMED },
};

START_TEST(test_messages)
{
	const struct service_context context = { .node = "" };

	ask_message(&service_sockperf, &context, &cases[_i]);
}
END_TEST

static const size_t lengths[] = { 14, 15, 32, 1472, 1473, 65506, ASK_ANY };

/* All of it comes back, if there is room for all of it. */
START_TEST(test_lengths)
{
	const struct service_context context = { .node = "" };
	static uint8_t request[ASK_ANY];
	const size_t length = lengths[_i];
	const char *reply;

	memset(request, 0x5a, length);
	bytes_put16(request + 8, 3);
	bytes_put32(request + 10, (uint32_t)length);
	ask_room = length;
	ck_assert_int_eq(
	    ask_bytes(&service_sockperf, &context, request, length, &reply),
	    (int)length);
	request[9] = 2;
	ck_assert_mem_eq(reply, request, length);
	request[9] = 3;
	ask_room = length - 1;
	ck_assert_int_eq(
	    ask_bytes(&service_sockperf, &context, request, length, &reply),
	    -SERVICE_NO_ROOM);
}
END_TEST

/* So its clients may ask from any port, and two servers never loop. */
START_TEST(test_tells_replies)
{
	const struct service_context context = { .node = "" };
	uint8_t message[HEADER] = { [13] = HEADER };
	const char *reply;
	unsigned int flags;
	int n;

	ck_assert(service_sockperf.distinct_replies);
	for (flags = 0; flags <= UINT16_MAX; flags++) {
		bytes_put16(message + 8, flags);
		n = ask_bytes(
		    &service_sockperf, &context, message, HEADER, &reply);
		if (n < 0)
			continue;
		ck_assert_int_eq(ask_bytes(&service_sockperf, &context, reply,
				     HEADER, &reply),
		    -SERVICE_NOT_REQUEST);
	}
}
END_TEST

Suite *
sockperf_suite(void)
{
	Suite *suite = suite_create("sockperf");
	TCase *tcase = ask_tcase("sockperf");

	tcase_add_loop_test(tcase, test_messages, 0, LENGTH(cases));
	tcase_add_loop_test(tcase, test_lengths, 0, LENGTH(lengths));
	tcase_add_test(tcase, test_tells_replies);
	suite_add_tcase(suite, tcase);
	return suite;
}
