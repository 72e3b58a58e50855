/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols: requests to the byte, answers as a good server gives
 * them, and what must not pass for one.
 */
#include "probe/protocols/protocol.h"

#include "unit/probe/suites.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct protocol_query
make_query(uint8_t secret)
{
	static const uint8_t payload[] = "hello";
	struct protocol_query query = {
		.name = ".",
		.payload = payload,
		.payload_length = 5,
		.peer = unit_address("[2001:db8::1]:5060"),
		.size = -1,
	};
	unsigned int i;

	for (i = 0; i < sizeof(query.secret); i++)
		query.secret[i] = (uint8_t)(secret + i);
	return query;
}

/*
 * Good servers.  Each turns a request into its answer; returns the length.
 */

static size_t
serve_same(const uint8_t *request, size_t length, uint8_t *answer)
{
	memcpy(answer, request, length);
	return length;
}

static size_t
serve_whoami(const uint8_t *request, size_t length, uint8_t *answer)
{
	(void)request;
	return (size_t)sprintf((char *)answer,
	    "you 192.0.2.9:1024\nasked 192.0.2.1:7008\nttl 64\nlength %zu\n",
	    length);
}

static size_t
serve_daytime(const uint8_t *request, size_t length, uint8_t *answer)
{
	(void)request;
	(void)length;
	return (size_t)sprintf(
	    (char *)answer, "Sunday, November 22, 2026 02:09:01-UTC\r\n");
}

static size_t
serve_time(const uint8_t *request, size_t length, uint8_t *answer)
{
	(void)request;
	(void)length;
	memcpy(answer, "\xee\xab\xcd\xef", 4);
	return 4;
}

/* Refused: the header and the query. */
static size_t
serve_dns(const uint8_t *request, size_t length, uint8_t *answer)
{
	memcpy(answer, request, length);
	answer[2] |= 0x80;
	answer[3] = 5;
	return length;
}

static size_t
serve_ntp(const uint8_t *request, size_t length, uint8_t *answer)
{
	memset(answer, 0, length);
	answer[0] = 4 << 3 | 4;
	answer[1] = 2;
	memcpy(answer + 24, request + 40, 8);
	return length;
}

/* XOR-MAPPED-ADDRESS 192.0.2.9:1024, the example of RFC 5769 by hand. */
static size_t
serve_stun(const uint8_t *request, size_t length, uint8_t *answer)
{
	static const uint8_t mapped[] = { 0x00, 0x20, 0, 8, 0, 1, 0x04 ^ 0x21,
		0x00 ^ 0x12, 192 ^ 0x21, 0 ^ 0x12, 2 ^ 0xa4, 9 ^ 0x42 };

	memcpy(answer, request, length);
	answer[0] = 1;
	answer[1] = 1;
	answer[3] = sizeof(mapped);
	memcpy(answer + length, mapped, sizeof(mapped));
	return length + sizeof(mapped);
}

static size_t
serve_stamp(const uint8_t *request, size_t length, uint8_t *answer)
{
	memset(answer, 0, length);
	memcpy(answer + 24, request, 4);
	memcpy(answer + 28, request + 4, 8);
	answer[40] = 64;
	return length;
}

/* A report with the engine id 8000 1f88 04, as small as it gets. */
static size_t
serve_snmp(const uint8_t *request, size_t length, uint8_t *answer)
{
	static const uint8_t report[] = { 0x30, 51, 0x02, 1, 3, 0x30, 15, 0x02,
		4, 0, 0, 0, 0, 0x02, 1, 0, 0x04, 1, 0, 0x02, 1, 3, 0x04, 15,
		0x30, 13, 0x04, 5, 0x80, 0, 0x1f, 0x88, 4, 0x02, 1, 1, 0x02, 1,
		1, 0x30, 12, 0x04, 0, 0x04, 0, 0xa8, 6, 0x02, 1, 0, 0x30, 1,
		0 };

	(void)length;
	memcpy(answer, report, sizeof(report));
	memcpy(answer + 9, request + 9, 4);
	return sizeof(report);
}

/* The value of a header of the request; up to the end of its line. */
static int
header(const uint8_t *request, const char *name, const char **value)
{
	*value = strstr((const char *)request, name);
	ck_assert_ptr_nonnull(*value);
	*value += strlen(name);
	return (int)strcspn(*value, "\r");
}

static size_t
serve_sip(const uint8_t *request, size_t length, uint8_t *answer)
{
	const char *id, *sequence;
	int id_length = header(request, "\r\nCall-ID: ", &id);
	int sequence_length = header(request, "\r\nCSeq: ", &sequence);

	(void)length;
	return (size_t)sprintf((char *)answer,
	    "SIP/2.0 200 OK\r\ni : %.*s\r\ncseq:%.*s\r\n\r\n", id_length, id,
	    sequence_length, sequence);
}

static size_t
serve_coap(const uint8_t *request, size_t length, uint8_t *answer)
{
	memcpy(answer, request, length);
	answer[0] = 0x70;
	return length;
}

struct service {
	const struct protocol *protocol;
	size_t (*serve)(const uint8_t *, size_t, uint8_t *);
	unsigned int bits;
	bool nonce;   /* answers are known by more than the number */
	size_t least; /* shorter ones are no answers */
	const char *detail;
};

static const struct service services[] = {
	{ &protocol_echo, serve_same, 32, true, 1, "" },
	{ &protocol_whoami, serve_whoami, 8, false, 40,
	    "asked 192.0.2.1:7008, you 192.0.2.9:1024" },
	{ &protocol_daytime, serve_daytime, 0, false, 18,
	    "Sunday, November 22, 2026 02:09:01-UTC" },
	{ &protocol_time, serve_time, 0, false, 4, "4004236783 s since 1900" },
	{ &protocol_dns, serve_dns, 16, false, 17, "REFUSED" },
	{ &protocol_ntp, serve_ntp, 32, true, 48, "stratum 2" },
	{ &protocol_stun, serve_stun, 32, true, 32, "you 192.0.2.9:1024" },
	{ &protocol_stamp, serve_stamp, 32, true, 41,
	    "reflected with sequence 0, TTL there 64" },
	{ &protocol_snmp, serve_snmp, 31, false, 53, "engine 80001f8804" },
	{ &protocol_sip, serve_sip, 32, true, 77, "200 OK" },
	{ &protocol_coap, serve_coap, 16, false, 4, "" },
	{ &protocol_raw, serve_same, 0, false, 0, "5 bytes: 68 65 6c 6c 6f" },
};

/* In memory of exactly its size, so that sanitizers see a step beyond. */
static bool
match(const struct protocol *protocol, const struct protocol_query *query,
    const uint8_t *data, size_t length, struct protocol_answer *answer)
{
	uint8_t *copy = malloc(length + (length == 0));
	bool good;

	memcpy(copy, data, length);
	*answer = (struct protocol_answer){ .bits = 0 };
	good = protocol->match(query, copy, length, answer);
	free(copy);
	return good;
}

/* The answer to request number sequence. */
static size_t
get_answer(const struct service *service, const struct protocol_query *query,
    uint32_t sequence, uint8_t *answer)
{
	static uint8_t request[MH_SLOT_SIZE + 1];
	int length = service->protocol->build(query, sequence, request);

	ck_assert_int_ge(length, 0);
	request[length] = '\0';
	return service->serve(request, (size_t)length, answer);
}

static const uint32_t sequences[] = { 0, 1, 2, 0xff, 0x100, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0xffffffff };

START_TEST(test_answer)
{
	const struct service *service = &services[_i];
	const struct protocol_query query = make_query(0x80);
	static uint8_t answer[MH_SLOT_SIZE];
	struct protocol_answer told;
	size_t length, i;
	uint32_t mask;

	for (i = 0; i < LENGTH(sequences); i++) {
		length = get_answer(service, &query, sequences[i], answer);
		ck_assert_msg(
		    match(service->protocol, &query, answer, length, &told),
		    "%s: number %" PRIu32, service->protocol->name,
		    sequences[i]);
		ck_assert_uint_eq(told.bits, service->bits);
		mask = told.bits == 32 ? UINT32_MAX : (1u << told.bits) - 1;
		ck_assert_msg(((told.sequence ^ sequences[i]) & mask) == 0,
		    "%s: %" PRIu32 " is taken for %" PRIu32,
		    service->protocol->name, sequences[i], told.sequence);
		ck_assert_str_eq(told.detail, service->detail);
	}
}
END_TEST

/* An answer to somebody else. */
START_TEST(test_foreign)
{
	const struct service *service = &services[_i];
	const struct protocol_query query = make_query(0x80);
	const struct protocol_query other = make_query(0x31);
	static uint8_t answer[MH_SLOT_SIZE];
	size_t length = get_answer(service, &other, 5, answer);
	struct protocol_answer told;

	if (service->nonce)
		ck_assert_msg(
		    !match(service->protocol, &query, answer, length, &told),
		    "%s", service->protocol->name);
	else if (match(service->protocol, &query, answer, length, &told) &&
	    told.bits > 0)
		ck_assert_msg(
		    told.sequence != 5, "%s", service->protocol->name);
}
END_TEST

/* Cut anywhere: no step beyond the end, and no half answers. */
START_TEST(test_cut)
{
	const struct service *service = &services[_i];
	const struct protocol_query query = make_query(0x80);
	static uint8_t answer[MH_SLOT_SIZE];
	size_t length = get_answer(service, &query, 9, answer), i;
	struct protocol_answer told;

	for (i = 0; i < length; i++)
		ck_assert_msg(
		    !match(service->protocol, &query, answer, i, &told) ||
			i >= service->least,
		    "%s: %zu of %zu bytes", service->protocol->name, i, length);
}
END_TEST

/* An empty answer is one to an empty request only. */
START_TEST(test_echo_empty)
{
	struct protocol_query query = make_query(0x80);
	struct protocol_answer told;
	int size;

	for (size = -1; size < 2; size++) {
		query.size = size;
		ck_assert_int_eq(match(&protocol_echo, &query,
				     (const uint8_t *)"", 0, &told),
		    size == 0);
	}
}
END_TEST

/* A request that comes back is no answer, where that can be told. */
START_TEST(test_reflected)
{
	const struct service *service = &services[_i];
	const struct protocol_query query = make_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];
	int length = service->protocol->build(&query, 1, request);
	struct protocol_answer told;

	if (service->serve == serve_same)
		return;
	ck_assert_msg(
	    !match(service->protocol, &query, request, (size_t)length, &told),
	    "%s", service->protocol->name);
}
END_TEST

START_TEST(test_table)
{
	ck_assert_ptr_eq(protocol_table[_i], services[_i].protocol);
	ck_assert_ptr_eq(
	    protocol_find(services[_i].protocol->name), services[_i].protocol);
	ck_assert(services[_i].protocol->summary[0] != '\0');
}
END_TEST

/* The registered ports, by IANA; whoami and raw have none. */
START_TEST(test_ports)
{
	static const uint16_t ports[] = { 7, 0, 13, 37, 53, 123, 3478, 862, 161,
		5060, 5683, 0 };

	ck_assert_uint_eq(LENGTH(ports), LENGTH(services));
	ck_assert_uint_eq(protocol_table[_i]->port, ports[_i]);
}
END_TEST

START_TEST(test_find_none)
{
	ck_assert_ptr_null(protocol_find(""));
	ck_assert_ptr_null(protocol_find("ech"));
	ck_assert_ptr_null(protocol_find("echoo"));
	ck_assert_ptr_null(protocol_table[LENGTH(services)]);
}
END_TEST

/*
 * Requests to the byte; ? is the number or the nonce.
 */

static const struct {
	const struct protocol *protocol;
	const char *name;
	int size;
	const char *hex; /* of the start, and the length */
	int length;
} requests[] = {
	{ &protocol_dns, ".", -1,
	    "????0000000100000000000000"
	    "00020001",
	    17 },
	{ &protocol_dns, "a.bc", -1,
	    "????00000001000000000000"
	    "01610262630000010001",
	    22 },
	{ &protocol_dns, "a.bc.", -1,
	    "????00000001000000000000"
	    "01610262630000010001",
	    22 },
	{ &protocol_dns, "id.server", -1,
	    "????00000001000000000000"
	    "0269640673657276657200"
	    "00100003",
	    27 },
	/* OPT, UDP size 1232, padding option. */
	{ &protocol_dns, ".", 40,
	    "????0000000100000000000100"
	    "00020001"
	    "00002904d0000000000"
	    "00c000c0008"
	    "0000000000000000",
	    40 },
	{ &protocol_ntp, ".", -1, "23000000", 48 },
	{ &protocol_stun, ".", -1, "000100002112a442", 20 },
	{ &protocol_stamp, ".", -1,
	    "00000000????????????????"
	    "00010000",
	    44 },
	{ &protocol_stamp, ".", 100,
	    "00000000????????????????"
	    "00010000",
	    100 },
	{ &protocol_coap, ".", -1, "4000????", 4 },
	{ &protocol_snmp, ".", -1,
	    "303e020103"
	    "30110204????????020300ffe3040104020103"
	    "0410300e0400020100020100040004000400"
	    "301404000400a00e0204????????0201000201003000",
	    64 },
	{ &protocol_daytime, ".", -1, "0a0a", 64 },
	{ &protocol_time, ".", -1, "0a0a0a0a0a0a0a0a", 8 },
	{ &protocol_time, ".", 0, "", 0 },
	{ &protocol_raw, ".", -1, "68656c6c6f", 5 },
	{ &protocol_whoami, ".", 8, "77686f616d692020", 8 },
	{ &protocol_whoami, ".", 3, "77686f", 3 },
	{ &protocol_whoami, ".", 0, "", 0 },
	{ &protocol_echo, ".", -1, "????????", 32 },
	{ &protocol_echo, ".", 0, "", 0 },
	{ &protocol_echo, ".", 65507, "????????", 65507 },
};

START_TEST(test_request)
{
	struct protocol_query query = make_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];
	const char *hex = requests[_i].hex;
	char digits[3];
	size_t i;

	query.name = requests[_i].name;
	query.size = requests[_i].size;
	memset(request, 0xee, sizeof(request));
	ck_assert_int_eq(requests[_i].protocol->build(&query, 0, request),
	    requests[_i].length);
	for (i = 0; i < strlen(hex) / 2; i++) {
		if (hex[2 * i] == '?')
			continue;
		snprintf(digits, sizeof(digits), "%02x", request[i]);
		ck_assert_msg(memcmp(digits, hex + 2 * i, 2) == 0,
		    "%s %s, byte %zu: %s", requests[_i].protocol->name,
		    query.name, i, digits);
	}
	/* Nothing after it. */
	ck_assert_uint_eq(request[requests[_i].length], 0xee);
}
END_TEST

static const struct {
	const struct protocol *protocol;
	const char *name;
	int size;
} impossible[] = {
	{ &protocol_dns, "a..b", -1 },
	{ &protocol_dns, ".a", -1 },
	{ &protocol_dns, "..", -1 },
	{ &protocol_dns,
	    "0123456789012345678901234567890123456789012345678901234567890123",
	    -1 },
	{ &protocol_dns, ".", 16 },
	{ &protocol_dns, ".", 31 },
	{ &protocol_stamp, ".", 43 },
};

START_TEST(test_impossible)
{
	struct protocol_query query = make_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];

	query.name = impossible[_i].name;
	query.size = impossible[_i].size;
	ck_assert_int_eq(impossible[_i].protocol->build(&query, 0, request),
	    PROTOCOL_WRONG_SIZE);
}
END_TEST

/* Where a target without a port is asked: IANA's; 0: it has to have one. */
static const struct {
	const struct protocol *protocol;
	uint16_t port;
} ports[] = {
	{ &protocol_echo, 7 },
	{ &protocol_daytime, 13 },
	{ &protocol_time, 37 },
	{ &protocol_dns, 53 },
	{ &protocol_ntp, 123 },
	{ &protocol_snmp, 161 },
	{ &protocol_stamp, 862 },
	{ &protocol_stun, 3478 },
	{ &protocol_sip, 5060 },
	{ &protocol_coap, 5683 },
	{ &protocol_whoami, 0 },
	{ &protocol_raw, 0 },
};

START_TEST(test_port)
{
	ck_assert_msg(ports[_i].protocol->port == ports[_i].port, "%s: %u",
	    ports[_i].protocol->name, ports[_i].protocol->port);
}
END_TEST

/* A name as long as they can be, and one longer. */
START_TEST(test_long_name)
{
	struct protocol_query query = make_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];
	char name[300] = "";
	int i;

	query.name = name;
	for (i = 0; i < 127; i++)
		strcat(name, "a.");
	ck_assert_int_eq(protocol_dns.build(&query, 0, request), 12 + 255 + 4);
	strcat(name, "a");
	ck_assert_int_eq(
	    protocol_dns.build(&query, 0, request), PROTOCOL_WRONG_SIZE);
}
END_TEST

/*
 * Answers of all kinds.
 */

/* An answer, as an edit of the good one: bytes at a place. */
static const struct {
	const struct protocol *protocol;
	const char *name;
	size_t at, length; /* what is written over; length of all: 0 as is */
	const char *bytes;
	size_t count;
	const char *detail; /* NULL: no answer */
} edits[] = {
	{ &protocol_ntp, "mode 3", 0, 0, "\x23", 1, NULL },
	{ &protocol_ntp, "mode 5", 0, 0, "\x25", 1, NULL },
	{ &protocol_ntp, "not synchronised", 0, 0, "\xe4\x10", 2,
	    "stratum 16, not synchronised" },
	{ &protocol_ntp, "kiss", 1, 0, "", 1, "kiss of death " },
	{ &protocol_ntp, "kiss code", 1, 0, "\0\0\0\0\0\0\0\0\0\0\0RATE", 15,
	    "kiss of death RATE" },
	{ &protocol_stun, "error", 0, 0, "\x01\x11", 2, "you 192.0.2.9:1024" },
	{ &protocol_stun, "indication", 0, 0, "\x00\x11", 2, NULL },
	{ &protocol_stun, "length", 3, 0, "\x0d", 1, NULL },
	{ &protocol_stun, "cookie", 4, 0, "\x22", 1, NULL },
	{ &protocol_stun, "unknown attribute", 20, 0, "\x80\x22", 2, "" },
	{ &protocol_stun, "attribute too long", 23, 0, "\x40", 1, "" },
	{ &protocol_stun, "another family", 25, 0, "\x02", 1, "" },
	{ &protocol_stun, "error code", 20, 0, "\0\x09\0\x08\0\0\x04\x14", 8,
	    "error 420" },
	{ &protocol_dns, "a query", 2, 0, "\0", 1, NULL },
	{ &protocol_dns, "another type", 14, 0, "\x01", 1, NULL },
	{ &protocol_dns, "header alone", 4, 12, "\0\0", 2, "REFUSED" },
	{ &protocol_dns, "header alone, of one answer", 4, 12, "\0\0\0\1", 4,
	    "REFUSED" },
	{ &protocol_dns, "cut in the question", 0, 16, "", 0, NULL },
	{ &protocol_dns, "truncated", 2, 0, "\x82\0", 2, "NOERROR, truncated" },
	{ &protocol_dns, "new code", 3, 0, "\x09", 1, "code 9" },
	{ &protocol_snmp, "length of five bytes", 1, 0, "\x85\0\0\0\0", 5,
	    NULL },
	{ &protocol_snmp, "version 1", 4, 0, "\0", 1, NULL },
	{ &protocol_snmp, "a request", 45, 0, "\xa0", 1, NULL },
	{ &protocol_snmp, "a response", 45, 0, "\xa2", 1, "engine 80001f8804" },
	{ &protocol_coap, "acknowledged", 0, 0, "\x60", 1, NULL },
	{ &protocol_stamp, "another time", 28, 0, "\0", 1, NULL },
	{ &protocol_time, "five bytes", 0, 5, "", 0, NULL },
	{ &protocol_time, "eight bytes", 4, 8, "\0\0\0\0", 4,
	    "4004236783 s since 1900" },
	{ &protocol_time, "eight other bytes", 4, 8, "\0\0\0\1", 4, NULL },
	{ &protocol_sip, "a request", 0, 0, "OPTIONS ", 8, NULL },
	{ &protocol_sip, "another code", 8, 0, "404 No", 6, "404 No" },
	{ &protocol_sip, "another method", 69, 0, "X", 1, NULL },
	{ &protocol_sip, "no number", 67, 0, "x", 1, NULL },
	{ &protocol_whoami, "no length", 53, 0, "L", 1, NULL },
	{ &protocol_daytime, "binary", 3, 0, "\x01", 1, NULL },
};

START_TEST(test_edit)
{
	const struct protocol_query query = make_query(0x80);
	static uint8_t answer[MH_SLOT_SIZE];
	struct protocol_answer told;
	size_t length, i = 0;
	bool good;

	while (services[i].protocol != edits[_i].protocol)
		i++;
	length = get_answer(&services[i], &query, 1, answer);
	memcpy(answer + edits[_i].at, edits[_i].bytes, edits[_i].count);
	if (edits[_i].length != 0)
		length = edits[_i].length;
	good = match(edits[_i].protocol, &query, answer, length, &told);
	ck_assert_msg(good == (edits[_i].detail != NULL), "%s: %s",
	    edits[_i].protocol->name, edits[_i].name);
	if (good)
		ck_assert_msg(edits[_i].detail[0] == '\0'
			? told.detail[0] == '\0'
			: strncmp(told.detail, edits[_i].detail,
			      strlen(edits[_i].detail)) == 0,
		    "%s: %s: %s", edits[_i].protocol->name, edits[_i].name,
		    told.detail);
}
END_TEST

/* The text that a server gives for id.server. */
START_TEST(test_dns_text)
{
	static const uint8_t record[] = "\xc0\x0c\0\x10\0\x03\0\0\0\0\0\x06"
					"\x05"
					"fra-1";
	struct protocol_query query = make_query(0x80);
	uint8_t answer[512] = { 0 };
	struct protocol_answer told;
	size_t length;

	query.name = "id.server";
	length = (size_t)protocol_dns.build(&query, 7, answer);
	answer[2] = 0x84;
	answer[7] = 1;
	answer[13] ^= 0x20; /* "Id.server" */
	memcpy(answer + length, record, sizeof(record) - 1);
	ck_assert(match(
	    &protocol_dns, &query, answer, length + sizeof(record) - 1, &told));
	ck_assert_str_eq(told.detail, "fra-1");
}
END_TEST

/* What is not printable does not get to a terminal. */
START_TEST(test_detail)
{
	struct protocol_answer answer = { .bits = 0 };
	char text[300];

	protocol_detail(&answer, "a\033[2Jb\x80\t\x7f~ c\nd", 14);
	ck_assert_str_eq(answer.detail, "a?[2Jb???~ c");
	memset(text, 'x', sizeof(text));
	protocol_detail(&answer, text, sizeof(text));
	ck_assert_uint_eq(strlen(answer.detail), sizeof(answer.detail) - 1);
}
END_TEST

/* The size of an echo tells which request it was; small ones say less. */
START_TEST(test_echo_sizes)
{
	struct protocol_query query = make_query(0x80);
	uint8_t data[64];
	struct protocol_answer told;

	query.size = _i;
	ck_assert_int_eq(protocol_echo.build(&query, 0x01020304, data), _i);
	ck_assert(match(&protocol_echo, &query, data, (size_t)_i, &told));
	ck_assert_uint_eq(told.request_size, _i);
	ck_assert_uint_eq(told.bits, _i < 4 ? 8 * _i : 32);
	if (_i < 5)
		return;
	data[_i - 1] ^= 1;
	ck_assert(!match(&protocol_echo, &query, data, (size_t)_i, &told));
}
END_TEST

/* As many bytes as people are shown, and not one more. */
static const struct {
	size_t length;
	const char *detail;
} details[] = {
	{ 0, "0 bytes" },
	{ 1, "1 bytes: 00" },
	{ 15, "15 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e" },
	{ 16, "16 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" },
	{ 17, "17 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" },
	{ 65507,
	    "65507 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" },
};

START_TEST(test_raw_detail)
{
	struct protocol_query query = make_query(0x80);
	struct protocol_answer answer;
	static uint8_t data[65507];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	ck_assert(
	    match(&protocol_raw, &query, data, details[_i].length, &answer));
	ck_assert_str_eq(answer.detail, details[_i].detail);
	ck_assert_uint_eq(answer.bits, 0);
}
END_TEST

/* The longest id that RFC 3411 allows, and what is longer than a detail. */
START_TEST(test_snmp_engine)
{
	static const size_t lengths[] = { 32, 44, 45, 200 };
	struct protocol_query query = make_query(0x80);
	struct protocol_answer answer;
	const size_t engine = lengths[_i], shown = engine < 44 ? engine : 44;
	uint8_t report[300] = { 0x30, 0x82, 0, 0, 0x02, 1, 3, 0x30, 3, 0x02, 1,
		0, 0x04, 0x82, 0, 0, 0x30, 0x82, 0, 0, 0x04, 0x82, 0, 0 };
	static const uint8_t scoped[] = { 0x30, 6, 0x04, 0, 0x04, 0, 0xa8, 0 };
	char wanted[96] = "engine ";
	size_t i;

	report[3] = (uint8_t)(engine + 28);
	report[15] = (uint8_t)(engine + 8);
	report[19] = (uint8_t)(engine + 4);
	report[23] = (uint8_t)engine;
	memset(report + 24, 0xa5, engine);
	memcpy(report + 24 + engine, scoped, sizeof(scoped));
	for (i = 0; i < shown; i++)
		strcat(wanted, "a5");
	ck_assert(match(&protocol_snmp, &query, report,
	    24 + engine + sizeof(scoped), &answer));
	ck_assert_str_eq(answer.detail, wanted);
}
END_TEST

Suite *
probe_protocols_suite(void)
{
	Suite *suite = suite_create("probe protocols");
	TCase *tcase = tcase_create("protocols");

	tcase_add_loop_test(tcase, test_table, 0, LENGTH(services));
	tcase_add_loop_test(tcase, test_ports, 0, LENGTH(services));
	tcase_add_test(tcase, test_find_none);
	tcase_add_loop_test(tcase, test_answer, 0, LENGTH(services));
	tcase_add_loop_test(tcase, test_foreign, 0, LENGTH(services));
	tcase_add_test(tcase, test_echo_empty);
	tcase_add_loop_test(tcase, test_cut, 0, LENGTH(services));
	tcase_add_loop_test(tcase, test_reflected, 0, LENGTH(services));
	tcase_add_loop_test(tcase, test_request, 0, LENGTH(requests));
	tcase_add_loop_test(tcase, test_impossible, 0, LENGTH(impossible));
	tcase_add_loop_test(tcase, test_port, 0, LENGTH(ports));
	tcase_add_test(tcase, test_long_name);
	tcase_add_loop_test(tcase, test_edit, 0, LENGTH(edits));
	tcase_add_test(tcase, test_dns_text);
	tcase_add_test(tcase, test_detail);
	tcase_add_loop_test(tcase, test_echo_sizes, 0, 40);
	tcase_add_loop_test(tcase, test_raw_detail, 0, LENGTH(details));
	tcase_add_loop_test(tcase, test_snmp_engine, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
END_TEST
