/* SPDX-License-Identifier: ISC */
/*
 * src/services/stun.c: what is answered, from which end, and how much of it to
 * whom.  Pure; stun_message.c has the bytes.
 */
#include "services/stun_settings.h"
#include "unit/services/ask.h"

#include "common/bytes.h"
#include "common/hex.h"

#include <stdio.h>
#include <string.h>

#define ID "2112a442000102030405060708090a0b"
#define CLASSIC "01010101000102030405060708090a0b"

static struct stun_settings settings;
static struct mh_address ends[SERVICE_ENDS];
static uint8_t closed[65536 / 8];
static struct service_context context;
static uint8_t reply_bytes[MH_SLOT_SIZE];
static struct service_reply reply;

/* This host has A and B, and is asked at A:3478; another family: both. */
static void
set_ends(const char *asked, const char *other)
{
	int i;

	for (i = 0; i < SERVICE_ENDS; i++) {
		ends[i] =
		    unit_address(i < SERVICE_OTHER_ADDRESS ? asked : other);
		if (ends[i].family != MH_FAMILY_NONE)
			ends[i].port = i % 2 == 0 ? 3478 : 3479;
	}
}

static void
setup(void)
{
	settings = (struct stun_settings){ .other_port = 0 };
	context =
	    (struct service_context){ .ends = ends, .closed_ports = closed };
	memset(closed, 0, sizeof(closed));
	/* Port 11211. */
	closed[11211 / 8] = 1u << 11211 % 8;
	set_ends("192.0.2.1", "192.0.2.2");
	ask_prepare(&service_stun, &settings, &context);
}

/* The outcome for a request in hexadecimal; the reply is in reply. */
static enum service_outcome
ask_in_hex(const char *text, const char *peer)
{
	static uint8_t bytes[256];
	struct mh_datagram request = { .data = bytes,
		.peer = unit_address(peer),
		.local = ends[SERVICE_ASKED] };

	request.length = ask_hex(text, bytes, sizeof(bytes));
	memset(reply_bytes, 0xee, sizeof(reply_bytes));
	reply = (struct service_reply){
		.data = reply_bytes, .room = ask_room, .tos = -1, .ttl = -1
	};
	return service_stun.answer(&request, &context, &reply);
}

/* The attributes of the reply, as "0020=198.51.100.9:9 0009=420 ...". */
static const char *
describe(void)
{
	static char text[512];
	size_t at = 20, n = 0, length;
	struct mh_address endpoint;
	unsigned int type;
	const uint8_t *value;

	text[0] = '\0';
	ck_assert_uint_eq(bytes_get16(reply_bytes + 2), reply.length - 20);
	for (; at < reply.length; at += 4 + ((length + 3) & ~(size_t)3)) {
		type = bytes_get16(reply_bytes + at);
		length = bytes_get16(reply_bytes + at + 2);
		value = reply_bytes + at + 4;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%04x",
		    n > 0 ? " " : "", type);
		if (type == 0x0009)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "=%u%02u", value[2], value[3]);
		if (type == 0x000a)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "=%04x", bytes_get16(value));
		if (length != 8 && length != 20)
			continue;
		endpoint = (struct mh_address){ .family = MH_FAMILY_IPV4,
			.port = (uint16_t)bytes_get16(value + 2) };
		if (value[1] == 2)
			endpoint.family = MH_FAMILY_IPV6;
		memcpy(endpoint.ip, value + 4, length - 4);
		if (type == 0x0020) {
			endpoint.port ^= 0x2112;
			for (size_t i = 0; i < length - 4; i++)
				endpoint.ip[i] ^= reply_bytes[4 + i];
		}
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "=%s", unit_text(&endpoint));
	}
	return text;
}

#define PEER "198.51.100.9:40000"
#define PEER6 "[2001:db8:9::9]:40000"
#define XOR "0020=" PEER

/* To those who may have everything. */
static const struct answer_case {
	const char *name, *request;
	const char *asked, *other; /* addresses of this host */
	enum service_end from;
	uint16_t to_port;
	const char *attributes;
} answers[] = {
	{ "plain", "00010000" ID, "192.0.2.1", "192.0.2.2", SERVICE_ASKED, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "table 1: none", "00010008" ID "0003000400000000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "table 1: port", "00010008" ID "0003000400000002", "192.0.2.1",
	    "192.0.2.2", SERVICE_OTHER_PORT, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3479 0001=" PEER },
	{ "table 1: address", "00010008" ID "0003000400000004", "192.0.2.1",
	    "192.0.2.2", SERVICE_OTHER_ADDRESS, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.2:3478 0001=" PEER },
	{ "table 1: both", "00010008" ID "0003000400000006", "192.0.2.1",
	    "192.0.2.2", SERVICE_OTHER_BOTH, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.2:3479 0001=" PEER },
	{ "classic", "00010008" CLASSIC "0003000400000006", "192.0.2.1",
	    "192.0.2.2", SERVICE_OTHER_BOTH, 0,
	    "0001=" PEER " 0005=192.0.2.2:3479 0004=192.0.2.2:3479" },
	{ "IPv6", "00010000" ID, "2001:db8::1", "2001:db8::2", SERVICE_ASKED, 0,
	    "0020=" PEER6 " 802c=[2001:db8::2]:3479 "
	    "802b=[2001:db8::1]:3478 0001=" PEER6 },
	{ "one address", "00010000" ID, "192.0.2.1", "", SERVICE_ASKED, 0,
	    XOR " 802b=192.0.2.1:3478 0001=" PEER },
	{ "one address: none", "00010008" CLASSIC "0003000400000000",
	    "192.0.2.1", "", SERVICE_ASKED, 0,
	    "0001=" PEER " 0004=192.0.2.1:3478" },
	{ "one address: port", "00010008" ID "0003000400000002", "192.0.2.1",
	    "", SERVICE_OTHER_PORT, 0, XOR " 802b=192.0.2.1:3479 0001=" PEER },
	{ "one address: address", "00010008" ID "0003000400000004", "192.0.2.1",
	    "", SERVICE_ASKED, 0, "0009=420 000a=0003" },
	{ "one address: both", "00010008" ID "0003000400000006", "192.0.2.1",
	    "", SERVICE_ASKED, 0, "0009=420 000a=0003" },
	{ "nobody knows which", "00010000" ID, "", "", SERVICE_ASKED, 0,
	    XOR " 0001=" PEER },
	{ "link-local", "00010000" ID, "fe80::1%2", "2001:db8::2",
	    SERVICE_ASKED, 0,
	    "0020=" PEER6 " 802b=[fe80::1]:3478 0001=" PEER6 },
	{ "link-local: address", "00010008" ID "0003000400000004", "fe80::1%2",
	    "2001:db8::2", SERVICE_ASKED, 0, "0009=420 000a=0003" },
	{ "link-local: port", "00010008" ID "0003000400000002", "fe80::1%2",
	    "2001:db8::2", SERVICE_OTHER_PORT, 0,
	    "0020=" PEER6 " 802b=[fe80::1]:3479 0001=" PEER6 },
	{ "link-local siblings", "00010000" ID, "fe80::1%2", "fe80::2%2",
	    SERVICE_ASKED, 0,
	    "0020=" PEER6 " 802b=[fe80::1]:3478 0001=" PEER6 },
	{ "unknown", "0001000c" ID "000300040000000677770000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0, "0009=420 000a=7777" },
	{ "RESPONSE-ADDRESS", "0001000c" ID "000200080001c000c6336409",
	    "192.0.2.1", "192.0.2.2", SERVICE_ASKED, 0, "0009=420 000a=0002" },
	{ "RESPONSE-PORT", "00010008" ID "00270002c0000000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0xc000,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "RESPONSE-PORT, the port that asks", "00010008" ID "002700029c400000",
	    "192.0.2.1", "192.0.2.2", SERVICE_ASKED, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "RESPONSE-PORT 1024", "00010008" ID "0027000204000000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 1024,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "RESPONSE-PORT 1023", "00010008" ID "0027000203ff0000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0, "0009=420 000a=0027" },
	{ "RESPONSE-PORT 0", "00010008" ID "0027000200000000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0, "0009=420 000a=0027" },
	{ "RESPONSE-PORT 11211", "00010008" ID "002700022bcb0000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0, "0009=420 000a=0027" },
	{ "RESPONSE-PORT with PADDING",
	    "00010010" ID "00270002c00000000026000400000000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0, "0009=400" },
	{ "PADDING, short", "00010008" ID "0026000400000000", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "FINGERPRINT", "00010008" ID "802800045b0ff6fc", "192.0.2.1",
	    "192.0.2.2", SERVICE_ASKED, 0,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER " 8028" },
};

START_TEST(test_answers)
{
	const struct answer_case *c = &answers[_i];
	const char *peer = strstr(c->attributes, PEER6) != NULL ||
		strchr(c->asked, ':') != NULL
	    ? PEER6
	    : PEER;

	set_ends(c->asked, c->other);
	ck_assert_int_eq(ask_in_hex(c->request, peer), SERVICE_REPLY);
	ck_assert_msg(strcmp(describe(), c->attributes) == 0, "%s: %s", c->name,
	    describe());
	ck_assert_msg(
	    reply.from == c->from, "%s: from %d", c->name, reply.from);
	ck_assert_uint_eq(reply.to_port, c->to_port);
	ck_assert_uint_eq(bytes_get16(reply_bytes),
	    strncmp(c->attributes, "0009", 4) == 0 ? 0x0111 : 0x0101);
}
END_TEST

/* Nobody knows which ports are closed: none but the peer's is open. */
START_TEST(test_ports_unknown)
{
	context.closed_ports = NULL;
	ck_assert_int_eq(
	    ask_in_hex("00010008" ID "00270002c0000000", PEER), SERVICE_REPLY);
	ck_assert_str_eq(describe(), "0009=420 000a=0027");
}
END_TEST

/*
 * Octets on the wire for a stranger: the guard gives 1.6 and 2.2 times those of
 * the request.
 */
static const struct {
	const char *name, *request;
	const char *peer;
	const char *attributes;
} bounded[] = {
	{ "plain", "00010000" ID, PEER, XOR " 802c=192.0.2.2:3479" },
	{ "plain, IPv6", "00010000" ID, PEER6,
	    "0020=" PEER6 " 802c=[2001:db8::2]:3479 802b=[2001:db8::1]:3478" },
	{ "CHANGE-REQUEST", "00010008" ID "0003000400000006", PEER,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.2:3479" },
	{ "classic", "00010008" CLASSIC "0003000400000000", PEER,
	    "0001=" PEER " 0005=192.0.2.2:3479 0004=192.0.2.1:3478" },
	{ "FINGERPRINT", "00010008" ID "802800045b0ff6fc", PEER,
	    XOR " 802c=192.0.2.2:3479 8028" },
	{ "SOFTWARE of 16",
	    "00010014" ID "8022001000000000000000000000000000000000", PEER,
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER },
	{ "420", "00010004" ID "77770000", PEER, "0009=420 000a=7777" },
	{ "420, IPv6", "00010004" ID "77770000", PEER6, "0009=420 000a=7777" },
};

START_TEST(test_bounded)
{
	const bool ipv6 = strcmp(bounded[_i].peer, PEER6) == 0;
	const size_t headers = ipv6 ? 48 : 28;
	const size_t length = strlen(bounded[_i].request) / 2;

	ck_assert_uint_eq(service_stun.bound_ipv4, 160);
	ck_assert_uint_eq(service_stun.bound_ipv6, 220);
	if (ipv6)
		set_ends("2001:db8::1", "2001:db8::2");
	ask_room = (length + headers) *
		(ipv6 ? service_stun.bound_ipv6 : service_stun.bound_ipv4) /
		100 -
	    headers;
	ck_assert_int_eq(
	    ask_in_hex(bounded[_i].request, bounded[_i].peer), SERVICE_REPLY);
	ck_assert_msg(strcmp(describe(), bounded[_i].attributes) == 0, "%s: %s",
	    bounded[_i].name, describe());
	ck_assert_uint_le(reply.length, ask_room);
	ck_assert_uint_eq(reply_bytes[ask_room], 0xee);
}
END_TEST

/* Not even its own address, or the error. */
START_TEST(test_no_room)
{
	ask_room = 31;
	ck_assert_int_eq(ask_in_hex("00010000" ID, PEER), SERVICE_NO_ROOM);
	ask_room = 35;
	ck_assert_int_eq(
	    ask_in_hex("00010004" ID "77770000", PEER), SERVICE_NO_ROOM);
	ask_room = 0;
	ck_assert_int_eq(ask_in_hex("00010000" ID, PEER), SERVICE_NO_ROOM);
	ck_assert_uint_eq(reply_bytes[0], 0xee);
}
END_TEST

/* PADDING makes a reply as long as its request. */
START_TEST(test_padding)
{
	static uint8_t bytes[1524];
	const struct mh_datagram request = { .data = bytes,
		.length = sizeof(bytes),
		.peer = unit_address(PEER) };
	const char header[] =
	    "000105e02112a442000102030405060708090a0b002605dc";
	size_t i;

	for (i = 0; i < 24; i++)
		bytes[i] = (uint8_t)hex_byte(header + 2 * i);
	reply = (struct service_reply){ .data = reply_bytes, .room = ask_room };
	ck_assert_int_eq(
	    service_stun.answer(&request, &context, &reply), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, sizeof(bytes));
	ck_assert_str_eq(describe(),
	    XOR " 802c=192.0.2.2:3479 802b=192.0.2.1:3478 0001=" PEER " 0026");
}
END_TEST

/* What is not a request, or none of this protocol, is not answered. */
static const struct {
	const char *request;
	enum service_outcome outcome;
} silences[] = {
	{ "", SERVICE_NOT_REQUEST },
	{ "70696e67", SERVICE_NOT_REQUEST },
	{ "00110000" ID, SERVICE_NOT_REQUEST },
	{ "01010000" ID, SERVICE_NOT_REQUEST },
	{ "01110000" ID, SERVICE_NOT_REQUEST },
	{ "00030000" ID, SERVICE_NOT_REQUEST },
	{ "00010008" ID "802800045b0ff6fd", SERVICE_NOT_REQUEST },
	{ "00010004" ID, SERVICE_MALFORMED },
	{ "00010008" ID "0003000300000006", SERVICE_MALFORMED },
};

START_TEST(test_silent)
{
	ck_assert_int_eq(
	    ask_in_hex(silences[_i].request, PEER), silences[_i].outcome);
	ck_assert_uint_eq(reply.length, 0);
	ck_assert_uint_eq(reply_bytes[0], 0xee);
}
END_TEST

/* No reply is a request; the same bytes again, as often as one asks. */
START_TEST(test_no_loops)
{
	const char *text = answers[_i].request;
	const struct mh_datagram request = { .data = reply_bytes,
		.peer = unit_address(PEER) };
	static uint8_t first[MH_SLOT_SIZE];
	struct mh_datagram back = request;
	size_t length;

	ck_assert_int_eq(ask_in_hex(text, PEER), SERVICE_REPLY);
	length = reply.length;
	memcpy(first, reply_bytes, length);
	ck_assert_int_eq(ask_in_hex(text, PEER), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, length);
	ck_assert_mem_eq(first, reply_bytes, length);
	back.data = first;
	back.length = length;
	ck_assert_int_eq(
	    service_stun.answer(&back, &context, &reply), SERVICE_NOT_REQUEST);
	ck_assert(service_stun.distinct_replies);
}
END_TEST

/* A NAT in front of us: clients get what they can reach. */
START_TEST(test_map)
{
	static char map[] = "10.0.0.5 192.0.2.5, 10.0.0.6 192.0.2.6";
	static char named[] = "10.0.0.6";
	const struct service_others *others;

	settings.map = map;
	settings.other_address = named;
	ask_prepare(&service_stun, &settings, &context);
	set_ends("10.0.0.5", "10.0.0.6");
	ck_assert_int_eq(ask_in_hex("00010000" ID, PEER), SERVICE_REPLY);
	ck_assert_str_eq(describe(),
	    XOR " 802c=192.0.2.6:3479 802b=192.0.2.5:3478 0001=" PEER);
	others = service_stun.others(context.prepared);
	ck_assert_uint_eq(others->named_count, 1);
	unit_assert_address(&others->named[0], "10.0.0.6", "named");
	ck_assert_uint_eq(others->mapped_count, 2);
	unit_assert_address(&others->mapped[1], "10.0.0.6", "mapped");
}
END_TEST

/* The next port, unless another one is configured; never the same one. */
static const struct {
	unsigned int configured;
	uint16_t port, other;
} ports[] = {
	{ 0, 3478, 3479 },
	{ 0, 1, 2 },
	{ 0, 65535, 0 },
	{ 3480, 3478, 3480 },
	{ 3478, 3478, 0 },
};

START_TEST(test_other_port)
{
	settings.other_port = ports[_i].configured;
	ck_assert_uint_eq(service_stun.other_port(&settings, ports[_i].port),
	    ports[_i].other);
}
END_TEST

START_TEST(test_checks)
{
	static char bad[] = "gate";
	char why[SERVICE_WHY] = "";

	ck_assert_ptr_null(service_stun.check(&settings, why));
	settings.other_address = bad;
	ck_assert_str_eq(service_stun.check(&settings, why), "other-address");
	ck_assert_str_eq(why, "has \"gate\", which is no IPv4 or IPv6 address");
}
END_TEST

Suite *
stun_suite(void)
{
	Suite *suite = suite_create("stun");
	TCase *tcase = ask_tcase("stun");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_answers, 0, LENGTH(answers));
	tcase_add_test(tcase, test_ports_unknown);
	tcase_add_loop_test(tcase, test_bounded, 0, LENGTH(bounded));
	tcase_add_test(tcase, test_no_room);
	tcase_add_test(tcase, test_padding);
	tcase_add_loop_test(tcase, test_silent, 0, LENGTH(silences));
	tcase_add_loop_test(tcase, test_no_loops, 0, LENGTH(answers));
	tcase_add_test(tcase, test_map);
	tcase_add_loop_test(tcase, test_other_port, 0, LENGTH(ports));
	tcase_add_test(tcase, test_checks);
	suite_add_tcase(suite, tcase);
	return suite;
}
