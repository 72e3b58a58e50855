/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/stamp.c: reflected sequence and times, TLVs, and
 * signatures.
 */
#include "common/bytes.h"
#include "common/hex.h"
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_stamp(const uint8_t *request, size_t length, uint8_t *answer)
{
	memset(answer, 0, length);
	memcpy(answer + 24, request, 4);
	memcpy(answer + 28, request + 4, 8);
	answer[40] = 64;
	return length;
}

static const struct protocols_request requests[] = {
	{ ".", -1,
	    "00000000????????????????"
	    "3fff????00000000",
	    44 },
	{ ".", 100,
	    "00000000????????????????"
	    "3fff????00000000",
	    100 },
};

static const struct protocols_wrong wrong[] = {
	{ ".", 43 },
};

static const struct protocols_edit edits[] = {
	{ "another time", 28, 0, "\0", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_stamp,
	.port = 862,
	.serve = serve_stamp,
	.bits = 32,
	.nonce = true,
	.least = 41,
	.detail = "reflected with sequence 0, TTL at the reflector 64",
	.requests = requests,
	.request_count = LENGTH(requests),
	.wrong = wrong,
	.wrong_count = LENGTH(wrong),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

/* -- TLVs and signatures -- */

#define ALL 31 /* PROTOCOL_TLV_* */

static uint8_t packet[MH_SLOT_SIZE], reply[512];
static struct protocol_query query;
static struct protocol_answer answer;

static size_t
from_hex(const char *text, uint8_t *bytes)
{
	size_t count = 0;

	for (; *(text += strspn(text, " ")) != '\0'; text += 2)
		bytes[count++] = (uint8_t)hex_byte(text);
	return count;
}

/* The request has those TLVs at its end. */
static void
assert_tlvs(size_t base, const char *hex)
{
	uint8_t expected[256];
	size_t size = from_hex(hex, expected);
	int length = query.size;

	ck_assert_int_eq(
	    protocol_stamp.build(&query, 9, packet), (int)(base + size));
	ck_assert_int_eq(memcmp(packet + base, expected, size), 0);
	ck_assert_int_eq(query.size, length);
}

#define ZEROS_12 "00000000 00000000 00000000"
#define ZEROS_16 ZEROS_12 "00000000"
#define NODE "80090010 20010db8 00000000 00000000 00000001"

START_TEST(test_asks)
{
	query = protocols_query(1);
	query.dscp = 10;
	query.tlvs = PROTOCOL_TLV_LOCATION;
	assert_tlvs(
	    44, "8002002c 00000000 80040010" ZEROS_16 "80070010" ZEROS_16);
	query.tlvs = PROTOCOL_TLV_TIME;
	assert_tlvs(44, "80030004 00000000");
	query.tlvs = PROTOCOL_TLV_COS;
	assert_tlvs(44, "80040004 28000000");
	query.tlvs = PROTOCOL_TLV_DIRECT;
	assert_tlvs(44, "8005000c" ZEROS_12);
	query.tlvs = PROTOCOL_TLV_NODE;
	assert_tlvs(44, NODE);
	query.tlvs = PROTOCOL_TLV_NODE | PROTOCOL_TLV_COS;
	assert_tlvs(44, "80040004 28000000" NODE);
	query.tlvs = PROTOCOL_TLV_NODE;
	query.peer = unit_address("192.0.2.1:862");
	assert_tlvs(44, "80090004 c0000201");
	/* Filled up by padding; by less than the head of a TLV, if need be. */
	query.size = 44 + 8 + 7;
	assert_tlvs(44, "80090004 c0000201 80010003 000000");
	query.size = 44 + 8 + 3;
	assert_tlvs(44, "80090004 c0000201 000000");
	query.size = 44 + 8;
	assert_tlvs(44, "80090004 c0000201");
	query.size = 44 + 7;
	ck_assert_int_eq(
	    protocol_stamp.build(&query, 9, packet), PROTOCOL_WRONG_SIZE);
}
END_TEST

/* A reply to the request, with these TLVs and times of NTP. */
static bool
match(const char *tlvs, const uint8_t edit[2])
{
	const bool is_open =
	    query.key == NULL || (query.tlvs & PROTOCOL_TLV_HMAC) != 0;
	size_t base = is_open ? 44 : 112, length;
	uint8_t *at = reply + base;

	ck_assert_int_gt(protocol_stamp.build(&query, 9, packet), 0);
	memset(reply, 0, sizeof(reply));
	bytes_put32(reply, 4);
	bytes_put32(reply + (base == 44 ? 24 : 48), 9);
	memcpy(
	    reply + (base == 44 ? 28 : 64), packet + (base == 44 ? 4 : 16), 8);
	bytes_put16(reply + (base == 44 ? 12 : 24), 0x92a4);
	bytes_put64(
	    reply + (base == 44 ? 16 : 32), UINT64_C(0xecd1b54040000000));
	bytes_put64(
	    reply + (base == 44 ? 4 : 16), UINT64_C(0xecd1b540c0000000));
	reply[base == 44 ? 40 : 80] = 61;
	length = from_hex(tlvs, at);
	if (!is_open)
		mac_digest(query.key, NULL, reply, 96, reply + 96);
	if (query.key != NULL && length >= 20)
		mac_digest(query.key, reply, at, length - 20, at + length - 16);
	if (edit != NULL)
		reply[edit[0]] ^= edit[1];
	return protocols_match(
	    &protocol_stamp, &query, reply, base + length, &answer);
}

#define REFLECTED "reflected with sequence 4, TTL at the reflector 61"

static const struct {
	const char *tlvs, *detail;
	bool counts;
} details[] = {
	{ "", ", without TLVs", false },
	{ "000200", ", without TLVs", false },
	{ "0002002c 035e1234 00050010 c0000201" ZEROS_12
	  "00080010 c6336409" ZEROS_12,
	    ", sees 198.51.100.9:4660 ask 192.0.2.1:862", false },
	{ "0002002c 035e1234 00060010 20010db8 00000000 00000000 00000001"
	  "00090010 20010db8 00000000 00000000 00000009",
	    ", sees [2001:db8::9]:4660 ask [2001:db8::1]:862", false },
	{ "00020004 035e1234", ", sees :4660 ask :862", false },
	{ "00030004 01020102", ", clock set by NTP", false },
	{ "00030004 05030502", ", clock set by nobody", false },
	{ "00030004 ff030502", ", clock set by unknown", false },
	{ "00040004 2ae80000", ", DSCP 46 and ECN 2 there", false },
	{ "00040004 2ae90000",
	    ", DSCP 46 and ECN 2 there, no DSCP of ours back", false },
	{ "0005000c 00000000 00000007 00000006", ", received 7 and sent 6",
	    true },
	{ "8005000c" ZEROS_12, ", does not know TLV 5", false },
	{ "00090004 c0000201", ", confirms its address", false },
	{ "80090004 c0000201", ", does not know its address", false },
	{ "40040003 280000 80090004 c0000201", ", says TLVs are malformed",
	    false },
	{ "a0040004 28000000", ", says TLVs are not authentic", false },
	/* Cut off, and of a strange length. */
	{ "00040004 2ae900", "", false },
	{ "00040003 2ae900 00090004 c0000201", ", confirms its address",
	    false },
	/* What the reflector leaves as it is says nothing. */
	{ "0002002c 035e1234 00040010" ZEROS_16 "80080010 c6336409" ZEROS_12,
	    ", sees :4660 ask :862", false },
	{ "00020018 035e1234 00050011 c0000201" ZEROS_12,
	    ", sees :4660 ask :862", false },
};

START_TEST(test_details)
{
	query = protocols_query(1);
	query.tlvs = ALL;
	ck_assert(match(details[_i].tlvs, NULL));
	ck_assert_int_eq(
	    strncmp(answer.detail, REFLECTED, strlen(REFLECTED)), 0);
	ck_assert_str_eq(answer.detail + strlen(REFLECTED), details[_i].detail);
	ck_assert_int_eq(answer.reflection.counts, details[_i].counts);
	/* Whoever asks for nothing does not read it. */
	query.tlvs = 0;
	ck_assert(match(details[_i].tlvs, NULL));
	ck_assert_str_eq(answer.detail, REFLECTED);
}
END_TEST

/* 2026-11-26 17:20:00.25 and half a second later, within 10 ms. */
START_TEST(test_times)
{
	const struct protocol_reflection *reflection = &answer.reflection;
	const int64_t second = 1000000000;

	query = protocols_query(1);
	ck_assert(match("", NULL));
	ck_assert_uint_eq(answer.sequence, 9);
	ck_assert(reflection->numbered && !reflection->counts);
	ck_assert_uint_eq(reflection->number, 4);
	ck_assert_int_eq(
	    reflection->arrived_ns, 1764177600 * second + second / 4);
	ck_assert_int_eq(
	    reflection->left_ns, 1764177600 * second + 3 * second / 4);
	ck_assert(reflection->synchronised);
	ck_assert_uint_eq(reflection->error_ns, 10009765);
	/* Z: seconds and nanoseconds since 1970. */
	ck_assert(match("", (uint8_t[]){ 12, 0xc0 }));
	ck_assert(!reflection->synchronised);
	ck_assert_int_eq(
	    reflection->arrived_ns, 0xecd1b540 * second + 0x40000000);
}
END_TEST

static struct mac_key key;

/* The query has a key, and asks for these. */
static void
ask_signed(unsigned int tlvs)
{
	static const uint8_t secret[] = "sixteen or more bytes";

	mac_set_key(&key, secret, sizeof(secret));
	query = protocols_query(1);
	query.key = &key;
	query.tlvs = tlvs;
}

/* Signed to the byte; a wrong bit anywhere is no answer, or no TLV. */
START_TEST(test_signed)
{
	uint8_t digest[MAC_SIZE];
	int length;

	if (!mac_is_available())
		return;
	ask_signed(0);
	ck_assert_int_eq(protocol_stamp.build(&query, 9, packet), 112);
	mac_digest(&key, NULL, packet, 96, digest);
	ck_assert_int_eq(memcmp(digest, packet + 96, MAC_SIZE), 0);
	query.tlvs = PROTOCOL_TLV_COS;
	length = protocol_stamp.build(&query, 9, packet);
	ck_assert_int_eq(length, 112 + 8 + 20);
	mac_digest(&key, packet, packet + 112, 8, digest);
	ck_assert_int_eq(memcmp(digest, packet + length - 16, MAC_SIZE), 0);
#define SIGNED "00040004 2ae80000 00080010" ZEROS_16
	ck_assert(match(SIGNED, NULL));
	ck_assert_str_eq(answer.detail, REFLECTED ", DSCP 46 and ECN 2 there");
	ck_assert_int_eq(answer.reflection.left_ns % 1000000000, 750000000);
	/* Of the packet, and of the TLVs. */
	ck_assert(!match(SIGNED, (uint8_t[]){ 80, 1 }));
	ck_assert(!match(SIGNED, (uint8_t[]){ 111, 1 }));
	ck_assert(match(SIGNED, (uint8_t[]){ 112 + 4, 1 }));
	ck_assert_ptr_nonnull(strstr(answer.detail, "TLVs not authentic"));
	ck_assert(match("00040004 2ae80000", NULL));
	ck_assert_ptr_nonnull(strstr(answer.detail, "TLVs not authentic"));
	ck_assert(
	    !protocols_match(&protocol_stamp, &query, reply, 111, &answer));
}
END_TEST

/* TLVs alone: the packet is of the unauthenticated mode. */
START_TEST(test_signs_tlvs)
{
	uint8_t digest[MAC_SIZE];

	if (!mac_is_available())
		return;
	ask_signed(PROTOCOL_TLV_HMAC);
	ck_assert_int_eq(protocol_stamp.build(&query, 9, packet), 44 + 20);
	query.tlvs |= PROTOCOL_TLV_COS;
	ck_assert_int_eq(protocol_stamp.build(&query, 9, packet), 44 + 8 + 20);
	mac_digest(&key, packet, packet + 44, 8, digest);
	ck_assert_mem_eq(digest, packet + 44 + 8 + 4, MAC_SIZE);
	ck_assert(match(SIGNED, NULL));
	ck_assert_str_eq(answer.detail, REFLECTED ", DSCP 46 and ECN 2 there");
	ck_assert(match(SIGNED, (uint8_t[]){ 44 + 4, 1 }));
	ck_assert_ptr_nonnull(strstr(answer.detail, "TLVs not authentic"));
	ck_assert(match("", NULL));
	ck_assert_ptr_nonnull(strstr(answer.detail, "without TLVs"));
}
END_TEST

static const struct {
	const char *tlvs;
	bool good;
} after_signature[] = {
	{ "00010000", true },
	{ "00010002 0000 00010000", true },
	{ "000000", true },
	{ "00040004 2ae80000", false },
	{ "00080010" ZEROS_16, false },
	{ "00010000 00040004 2ae80000 00010000", false },
};

/* What follows the signature is not covered by it, unless that is padding. */
START_TEST(test_signs_what_is_before)
{
	size_t end = 44 + 8 + 20;

	if (!mac_is_available())
		return;
	ask_signed(PROTOCOL_TLV_HMAC | PROTOCOL_TLV_COS);
	ck_assert(match(SIGNED, NULL));
	end += from_hex(after_signature[_i].tlvs, reply + end);
	ck_assert(
	    protocols_match(&protocol_stamp, &query, reply, end, &answer));
	ck_assert_int_eq(strstr(answer.detail, "TLVs not authentic") == NULL,
	    after_signature[_i].good);
}
END_TEST

/* A second signature does not make up for a wrong first one. */
START_TEST(test_first_signature_counts)
{
	if (!mac_is_available())
		return;
	ask_signed(PROTOCOL_TLV_HMAC | PROTOCOL_TLV_COS);
	ck_assert(match(SIGNED "00080010" ZEROS_16, NULL));
	ck_assert_ptr_nonnull(strstr(answer.detail, "TLVs not authentic"));
}
END_TEST

Suite *
protocol_stamp_suite(void)
{
	Suite *suite = suite_create("probe stamp");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_test(tcase, test_asks);
	tcase_add_loop_test(tcase, test_details, 0, LENGTH(details));
	tcase_add_test(tcase, test_times);
	tcase_add_test(tcase, test_signed);
	tcase_add_test(tcase, test_signs_tlvs);
	tcase_add_loop_test(
	    tcase, test_signs_what_is_before, 0, LENGTH(after_signature));
	tcase_add_test(tcase, test_first_signature_counts);
	suite_add_tcase(suite, tcase);
	return suite;
}
