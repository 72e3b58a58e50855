/* SPDX-License-Identifier: ISC */
/*
 * src/services/dns_content.c: records in any room: whole, or cut where a string
 * ends, or lost.  Pure; dns.c has their bytes.
 */
#include "services/dns_content.h"
#include "unit/services/ask.h"

#include "common/bytes.h"

#include <string.h>

#define QUESTION 29

static const struct content_case {
	enum dns_content content;
	const char *peer, *local;
	size_t size;  /* of the record */
	size_t least; /* bytes that are of use: that size, but for strings */
} cases[] = {
	{ DNS_NOTHING, "192.0.2.53:1", "192.0.2.1:53", 0, 0 },
	{ DNS_ADDRESS, "192.0.2.53:1", "192.0.2.1:53", 16, 16 },
	{ DNS_ADDRESS, "[2001:db8::53]:1", "[2001:db8::1]:53", 28, 28 },
	{ DNS_PORT, "192.0.2.53:1", "192.0.2.1:53", 19, 19 },
	{ DNS_ORIGIN, "192.0.2.53:1", "192.0.2.1:53", 34, 34 },
	{ DNS_NEGATIVE, "192.0.2.53:1", "192.0.2.1:53", 34, 34 },
	{ DNS_NODE, "192.0.2.53:1", "192.0.2.1:53", 12 + 5, 12 + 5 },
	{ DNS_VERSION, "192.0.2.53:1", "192.0.2.1:53", 12 + 2, 12 + 2 },
	/* client, server, node, ttl, dscp. */
	{ DNS_TEXTS, "192.0.2.53:1", "192.0.2.1:53", 12 + 20 + 20 + 10 + 7 + 8,
	    12 + 20 },
	/* The address asked is not known. */
	{ DNS_TEXTS, "192.0.2.53:1", "0.0.0.0:53", 12 + 20 + 10 + 7 + 8,
	    12 + 20 },
};

static const char query_bytes[QUESTION + 1] =
    "\x12\x34\1\0\0\1\0\0\0\0\0\0\6whoami\4test\0\0\20\0\1";

/* The strings of the record are all there, whatever their number. */
static void
check_strings(const uint8_t *record, size_t length)
{
	size_t at = 12;

	while (at < length)
		at += 1 + (size_t)record[at];
	ck_assert_uint_eq(at, length);
}

START_TEST(test_any_room)
{
	const struct content_case *c = &cases[_i];
	const struct mh_datagram request = { .peer = unit_address(c->peer),
		.local = unit_address(c->local),
		.ttl = 64,
		.tos = 0xb8 };
	struct dns_query query;
	uint8_t bytes[512];
	const struct dns_subject subject = { &request, &query, "gate", "1", 7 };
	struct dns_response response = { .bytes = bytes };
	enum dns_fit fit;
	size_t room, length;

	ck_assert_int_eq(
	    dns_read(&query, (const uint8_t *)query_bytes, QUESTION),
	    SERVICE_REPLY);
	ck_assert_uint_eq(query.code, DNS_NOERROR);
	for (room = 0; room < 256; room++) {
		response.room = QUESTION + room;
		dns_begin(&response, &query);
		memset(bytes + response.room, 0xee, 64);
		fit = dns_content_put(c->content, &subject, &response);
		ck_assert_uint_eq(bytes[response.room], 0xee);
		length = response.length - QUESTION;
		ck_assert_uint_le(length, room);
		ck_assert_int_eq(fit,
		    room < c->least      ? DNS_LOST
			: room < c->size ? DNS_CUT
					 : DNS_WHOLE);
		if (fit == DNS_LOST || c->content == DNS_NOTHING)
			continue;
		/* What is written is a record, which the header counts. */
		ck_assert(!response.lost);
		ck_assert_uint_eq(
		    bytes_get16(bytes + QUESTION + 10) + 12, length);
		ck_assert_uint_eq(
		    bytes_get16(bytes + 6) + bytes_get16(bytes + 8), 1);
		if (c->content == DNS_TEXTS)
			check_strings(bytes + QUESTION, length);
		else
			ck_assert_uint_eq(length, c->size);
	}
}
END_TEST

Suite *
dns_content_suite(void)
{
	Suite *suite = suite_create("dns_content");
	TCase *tcase = tcase_create("dns_content");

	tcase_add_loop_test(tcase, test_any_room, 0, LENGTH(cases));
	suite_add_tcase(suite, tcase);
	return suite;
}
