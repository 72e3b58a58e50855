/* SPDX-License-Identifier: ISC */
/*
 * src/services/whoami.c: to the byte, as text and as JSON.  Pure.
 */
#include "unit/services/ask.h"

#include <stdlib.h>
#include <string.h>

/* 2024-02-29T12:34:56.789012Z, and a bit that microseconds do not show. */
#define LEAP_DAY (INT64_C(1709210096) * SECOND + 789012999)

/* What whoami says, as a string. */
static const char *
answer(const struct mh_datagram *request, const struct service_context *context)
{
	const char *text;
	int length = ask(&service_whoami, context, request, &text);

	ck_assert_int_ge(length, 0);
	ck_assert_uint_eq(strlen(text), (size_t)length);
	return text;
}

static const struct whoami_case {
	const char *name;
	const char *data;
	const char *peer;
	const char *local;
	const char *interface;
	const char *node;
	int16_t ttl, tos;
	int64_t arrived_ns;
	const char *expected;
} cases[] = {
	{ "IPv4", "hi", "198.51.100.9:40000", "192.0.2.1:7008", "eth0", "gate",
	    64, 0xb9, LEAP_DAY,
	    "you 198.51.100.9:40000\n"
	    "asked 192.0.2.1:7008\n"
	    "via eth0\n"
	    "family IPv4\n"
	    "ttl 64\n"
	    "dscp 46\n"
	    "ecn 1\n"
	    "length 2\n"
	    "time 2024-02-29T12:34:56.789012Z\n"
	    "node gate\n" },
	{ "IPv6", "", "[2001:db8::9]:40000", "[2001:db8::1]:7008", "eth0",
	    "gate", 255, 0, LEAP_DAY,
	    "you [2001:db8::9]:40000\n"
	    "asked [2001:db8::1]:7008\n"
	    "via eth0\n"
	    "family IPv6\n"
	    "ttl 255\n"
	    "dscp 0\n"
	    "ecn 0\n"
	    "length 0\n"
	    "time 2024-02-29T12:34:56.789012Z\n"
	    "node gate\n" },
	{ "link-local", "x", "[fe80::9%2]:40000", "[fe80::1%2]:7008", "eth0",
	    "gate", 1, 3, LEAP_DAY,
	    "you [fe80::9%2]:40000\n"
	    "asked [fe80::1%2]:7008\n"
	    "via eth0\n"
	    "family IPv6\n"
	    "ttl 1\n"
	    "dscp 0\n"
	    "ecn 3\n"
	    "length 1\n"
	    "time 2024-02-29T12:34:56.789012Z\n"
	    "node gate\n" },
	/* What is unknown is left out; the time is then ours. */
	{ "nothing known", "hi", "198.51.100.9:40000", "", "", "", -1, -1, 0,
	    "you 198.51.100.9:40000\n"
	    "family IPv4\n"
	    "length 2\n"
	    "time 2001-09-09T01:46:40.000000Z\n" },
	{ "an IPv6 group", "hi", "[fe80::9%2]:40000", "[::]:7008", "eth0", "",
	    -1, -1, LEAP_DAY,
	    "you [fe80::9%2]:40000\n"
	    "via eth0\n"
	    "family IPv6\n"
	    "length 2\n"
	    "time 2024-02-29T12:34:56.789012Z\n" },
	{ "nothing known, JSON", "json", "[2001:db8::9]:1", "", "", "", -1, -1,
	    0,
	    "{\"you\":\"[2001:db8::9]:1\",\"family\":\"IPv6\",\"length\":4,"
	    "\"time\":\"2001-09-09T01:46:40.000000Z\"}\n" },
	{ "JSON", "json please", "198.51.100.9:40000", "192.0.2.1:7008", "eth0",
	    "gate", 64, 0xb9, LEAP_DAY,
	    "{\"you\":\"198.51.100.9:40000\",\"asked\":\"192.0.2.1:7008\","
	    "\"via\":\"eth0\",\"family\":\"IPv4\",\"ttl\":64,\"dscp\":46,"
	    "\"ecn\":1,\"length\":11,"
	    "\"time\":\"2024-02-29T12:34:56.789012Z\",\"node\":\"gate\"}\n" },
	{ "JSON escapes", "json", "198.51.100.9:40000", "", "",
	    "a\"b\\c\n\x01\x1f\x7f\xc3\xa9", -1, -1, LEAP_DAY,
	    "{\"you\":\"198.51.100.9:40000\",\"family\":\"IPv4\","
	    "\"length\":4,\"time\":\"2024-02-29T12:34:56.789012Z\","
	    "\"node\":\"a\\\"b\\\\c\\u000a\\u0001\\u001f\\u007f\xc3\xa9\"}\n" },
	/* What is not UTF-8 would not be JSON. */
	{ "JSON of no characters", "json", "198.51.100.9:40000", "", "eth\xc3",
	    "a\xff"
	    "b",
	    -1, -1, LEAP_DAY,
	    "{\"you\":\"198.51.100.9:40000\",\"via\":\"eth\\u00c3\","
	    "\"family\":\"IPv4\",\"length\":4,"
	    "\"time\":\"2024-02-29T12:34:56.789012Z\","
	    "\"node\":\"a\\u00ffb\"}\n" },
	{ "text of no characters", "hi", "198.51.100.9:40000", "", "",
	    "a\xff"
	    "b",
	    -1, -1, LEAP_DAY,
	    "you 198.51.100.9:40000\nfamily IPv4\nlength 2\n"
	    "time 2024-02-29T12:34:56.789012Z\nnode a\xff"
	    "b\n" },
	{ "the last second of a year", "", "198.51.100.9:1", "", "", "", -1, -1,
	    1735689599 * SECOND + 999999999,
	    "you 198.51.100.9:1\nfamily IPv4\nlength 0\n"
	    "time 2024-12-31T23:59:59.999999Z\n" },
	/* Almost "json" is not. */
	{ "jso", "jso", "198.51.100.9:1", "", "", "", -1, -1, LEAP_DAY,
	    "you 198.51.100.9:1\nfamily IPv4\nlength 3\n"
	    "time 2024-02-29T12:34:56.789012Z\n" },
	/* Almost a reply is not one. */
	{ "you", "you", "198.51.100.9:1", "", "", "", -1, -1, LEAP_DAY,
	    "you 198.51.100.9:1\nfamily IPv4\nlength 3\n"
	    "time 2024-02-29T12:34:56.789012Z\n" },
	{ "JSON in capitals", "JSON", "198.51.100.9:1", "", "", "", -1, -1,
	    LEAP_DAY,
	    "you 198.51.100.9:1\nfamily IPv4\nlength 4\n"
	    "time 2024-02-29T12:34:56.789012Z\n" },
};

START_TEST(test_answers)
{
	const struct whoami_case *c = &cases[_i];
	char data[32];
	const struct mh_datagram request = { .peer = unit_address(c->peer),
		.local = unit_address(c->local),
		.ttl = c->ttl,
		.tos = c->tos,
		.arrived_ns = c->arrived_ns,
		.data = data,
		.length = strlen(c->data) };
	const struct service_context context = { .now.utc_ns =
						     1000000000 * SECOND,
		.node = c->node,
		.interface = c->interface };
	const char *got;

	memcpy(data, c->data, strlen(c->data));
	got = answer(&request, &context);
	ck_assert_msg(strcmp(got, c->expected) == 0, "%s: got\n%sexpected\n%s",
	    c->name, got, c->expected);
}
END_TEST

/* An echo returns its replies, each with another time: that would never end. */
START_TEST(test_knows_its_replies)
{
	const struct whoami_case *c = &cases[_i];
	const struct service_context context = { .node = "", .interface = "" };
	const char *text;

	ck_assert_int_eq(ask_bytes(&service_whoami, &context, c->expected,
			     strlen(c->expected), &text),
	    -SERVICE_NOT_REQUEST);
}
END_TEST

/* All of it or nothing. */
START_TEST(test_needs_room)
{
	const struct mh_datagram request = { .peer = unit_address("[::1]:1"),
		.ttl = -1,
		.tos = -1,
		.arrived_ns = SECOND };
	const struct service_context context = { .node = "gate",
		.interface = "" };
	const char *text;
	int length = ask(&service_whoami, &context, &request, &text);

	ck_assert_int_gt(length, 0);
	ask_room = (size_t)length;
	ck_assert_int_eq(
	    ask(&service_whoami, &context, &request, &text), length);
	ask_room--;
	ck_assert_int_eq(
	    ask(&service_whoami, &context, &request, &text), -SERVICE_NO_ROOM);
}
END_TEST

/* The longest that a configuration can cause. */
START_TEST(test_longest)
{
	char node[256], interface[32];
	const struct mh_datagram request = {
		.peer = unit_address("[2001:db8:1111:2222:3333:4444:5555:1]:1"),
		.local =
		    unit_address("[2001:db8:1111:2222:3333:4444:5555:2]:1"),
		.ttl = 255,
		.tos = 255,
		.arrived_ns = SECOND,
		.data = (char[]){ "json" },
		.length = 4
	};
	const struct service_context context = { .node = node,
		.interface = interface };
	const char *text;

	memset(node, 1, sizeof(node));
	memset(interface, 1, sizeof(interface));
	node[sizeof(node) - 1] = interface[sizeof(interface) - 1] = '\0';
	ck_assert_int_gt(
	    ask(&service_whoami, &context, &request, &text), 255 * 6);
	ck_assert_ptr_nonnull(strstr(text, "\\u0001\"}\n"));
}
END_TEST

Suite *
whoami_suite(void)
{
	Suite *suite = suite_create("whoami");
	TCase *tcase = ask_tcase("whoami");

	tcase_add_loop_test(tcase, test_answers, 0, LENGTH(cases));
	tcase_add_loop_test(tcase, test_knows_its_replies, 0, LENGTH(cases));
	tcase_add_test(tcase, test_needs_room);
	tcase_add_test(tcase, test_longest);
	suite_add_tcase(suite, tcase);
	return suite;
}
