/* SPDX-License-Identifier: ISC */
/*
 * src/services/stun_message.c: what is a request, and what a response looks
 * like, byte for byte; with the test vectors of RFC 5769.  Pure.
 */
#include "services/stun_message.h"

#include "common/hex.h"
#include "unit/services/ask.h"

#include <string.h>

static struct stun_crc crc;

static void
setup(void)
{
	stun_crc_make(&crc);
}

/* Hexadecimal digits, with blanks between them, as bytes. */
static size_t
read_hex(uint8_t *bytes, size_t room, const char *text)
{
	size_t length = 0;

	while (text += strspn(text, " "), *text != '\0') {
		ck_assert_uint_lt(length, room);
		ck_assert_msg(hex_byte(text) >= 0, "bad hex: %s", text);
		bytes[length++] = (uint8_t)hex_byte(text);
		text += 2;
	}
	return length;
}

/* A transaction with the magic cookie, and one without. */
#define ID "2112a442 000102030405060708090a0b"
#define CLASSIC "01010101 000102030405060708090a0b"

/* RFC 5769, section 2.1, to its FINGERPRINT; and all of section 2.4. */
#define RFC_2_1                                        \
	"00010058 2112a442 b7e7a701bc34d686fa87dfae"   \
	"80220010 5354554e 20746573 7420636c 69656e74" \
	"00240004 6e0001ff 80290008 932ff9b1 51263b36" \
	"00060009 6576746a 3a683676 59202020"          \
	"00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2"
#define RFC_2_4                                                          \
	"00010060 2112a442 78ad3433c6ad72c029da412e"                     \
	"00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000"          \
	"0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679" \
	"36347341"                                                       \
	"0014000b 6578616d 706c652e 6f726700"                            \
	"00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666"

enum {
	FINGERPRINT = 1,
	UNKNOWN = 2,
	IS_CLASSIC = 4,
	PADDING = 8,
	RESPONSE_PORT = 16
};

static const struct read_case {
	const char *name, *bytes;
	enum service_outcome outcome;
	unsigned int what, change;
	uint16_t port;
} reads[] = {
	{ "a plain request", "00010000" ID, SERVICE_REPLY, 0, 0, 0 },
	{ "a classic one", "00010000" CLASSIC, SERVICE_REPLY, IS_CLASSIC, 0,
	    0 },
	{ "with FINGERPRINT", "00010008" ID "80280004 5b0ff6fc", SERVICE_REPLY,
	    FINGERPRINT, 0, 0 },
	{ "with a wrong one", "00010008" ID "80280004 5b0ff6fd",
	    SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "with FINGERPRINT not last",
	    "0001000c" ID "80280004 5b0ff6fc 80220000", SERVICE_MALFORMED, 0, 0,
	    0 },
	{ "with a short one", "00010008" ID "80280003 5b0ff600",
	    SERVICE_MALFORMED, 0, 0, 0 },
	{ "RFC 5769, section 2.1", RFC_2_1 "80280004 e57a3bcf", SERVICE_REPLY,
	    FINGERPRINT | UNKNOWN, 0, 0 },
	{ "RFC 5769, section 2.1, changed", RFC_2_1 "80280004 e57a3bce",
	    SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "RFC 5769, section 2.4", RFC_2_4, SERVICE_REPLY, 0, 0, 0 },
	{ "nothing", "", SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "too short", "00010000 2112a442 00010203 04050607 08090a",
	    SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "an indication", "00110000" ID, SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "a success", "01010000" ID, SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "an error", "01110000" ID, SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "Allocate", "00030000" ID, SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "Shared Secret", "00020000" ID, SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "RTP", "80010000" ID, SERVICE_NOT_REQUEST, 0, 0, 0 },
	{ "longer than it says", "00010000" ID "80220000", SERVICE_MALFORMED, 0,
	    0, 0 },
	{ "shorter than it says", "00010008" ID "80220000", SERVICE_MALFORMED,
	    0, 0, 0 },
	{ "no multiple of four", "00010002" ID "8022", SERVICE_MALFORMED, 0, 0,
	    0 },
	{ "an attribute that overruns", "00010008" ID "80220005 00000000",
	    SERVICE_MALFORMED, 0, 0, 0 },
	{ "one by its padding", "00010008" ID "80220007 00000000",
	    SERVICE_MALFORMED, 0, 0, 0 },
	{ "CHANGE-REQUEST", "00010008" ID "00030004 00000006", SERVICE_REPLY, 0,
	    6, 0 },
	{ "CHANGE-REQUEST with other bits", "00010008" ID "00030004 fffffffd",
	    SERVICE_REPLY, 0, 4, 0 },
	{ "two of them", "00010010" ID "00030004 00000002 00030004 00000004",
	    SERVICE_REPLY, 0, 2, 0 },
	{ "a short one", "00010008" ID "00030003 00000006", SERVICE_MALFORMED,
	    0, 0, 0 },
	{ "a long one", "0001000c" ID "00030005 00000006 00000000",
	    SERVICE_MALFORMED, 0, 0, 0 },
	{ "RESPONSE-PORT", "00010008" ID "00270002 c0000000", SERVICE_REPLY,
	    RESPONSE_PORT, 0, 0xc000 },
	{ "RESPONSE-PORT of coturn", "00010008" ID "00270004 c0000000",
	    SERVICE_REPLY, RESPONSE_PORT, 0, 0xc000 },
	{ "two ports", "00010010" ID "00270002 c0000000 00270002 d0000000",
	    SERVICE_REPLY, RESPONSE_PORT, 0, 0xc000 },
	{ "half a port", "00010008" ID "00270001 c0000000", SERVICE_MALFORMED,
	    0, 0, 0 },
	{ "PADDING", "00010008" ID "00260003 ffffffff", SERVICE_REPLY, PADDING,
	    0, 0 },
	{ "RESPONSE-ADDRESS", "0001000c" ID "00020008 0001c000 c6336409",
	    SERVICE_REPLY, UNKNOWN, 0, 0 },
	{ "unknown, but optional", "00010008" ID "ffff0004 00000000",
	    SERVICE_REPLY, 0, 0, 0 },
	{ "known, but not in requests",
	    "00010018" ID "00010000 00090000 000a0000 001d0000 001e0000 "
	    "00200000",
	    SERVICE_REPLY, 0, 0, 0 },
	/* MESSAGE-INTEGRITY comes last, but for FINGERPRINT. */
	{ "not protected",
	    "0001001c" ID
	    "00080000 77770000 00030004 00000006 00270002 c0000000 00260000",
	    SERVICE_REPLY, 0, 0, 0 },
	{ "not protected either", "0001000c" ID "001c0004 00000000 77770000",
	    SERVICE_REPLY, 0, 0, 0 },
};

START_TEST(test_reads)
{
	const struct read_case *c = &reads[_i];
	uint8_t bytes[128], copy[128];
	struct stun_request request;
	unsigned int what = 0;
	size_t length = read_hex(bytes, sizeof(bytes), c->bytes);

	memcpy(copy, bytes, length);
	ck_assert_msg(stun_read(&request, &crc, bytes, length) == c->outcome,
	    "%s", c->name);
	ck_assert_mem_eq(bytes, copy, length);
	if (c->outcome != SERVICE_REPLY)
		return;
	what |= request.has_fingerprint ? FINGERPRINT : 0;
	what |= request.has_unknown ? UNKNOWN : 0;
	what |= request.is_classic ? IS_CLASSIC : 0;
	what |= request.has_padding ? PADDING : 0;
	what |= request.has_response_port ? RESPONSE_PORT : 0;
	ck_assert_msg(what == c->what, "%s: %x", c->name, what);
	ck_assert_msg(
	    request.change == c->change, "%s: %x", c->name, request.change);
	ck_assert_msg(request.response_port == c->port, "%s: %x", c->name,
	    request.response_port);
}
END_TEST

/* As in zlib; of each length in fours, and between. */
static const struct {
	const char *text;
	uint32_t checksum;
} checksums[] = {
	{ "", 0 },
	{ "a", 0xe8b7be43 },
	{ "abc", 0x352441c2 },
	{ "abcd", 0xed82cd11 },
	{ "123456789", 0xcbf43926 },
};

START_TEST(test_checksum)
{
	ck_assert_uint_eq(stun_crc32(&crc, (const uint8_t *)checksums[_i].text,
			      strlen(checksums[_i].text)),
	    checksums[_i].checksum);
}
END_TEST

/* Read what is in hexadecimal, which must be a request. */
static void
read_request(struct stun_request *request, uint8_t bytes[128], const char *text)
{
	size_t length = read_hex(bytes, 128, text);

	ck_assert_int_eq(
	    stun_read(request, &crc, bytes, length), SERVICE_REPLY);
}

static const struct endpoint_case {
	const char *request;
	enum stun_attribute type;
	const char *endpoint, *response;
} endpoints[] = {
	{ "00010000" ID, STUN_XOR_MAPPED_ADDRESS, "198.51.100.9:49152",
	    "0101000c" ID "00200008 0001e112 e721c04b" },
	{ "00010000" ID, STUN_XOR_MAPPED_ADDRESS, "[2001:db8:1::9]:49152",
	    "01010018" ID
	    "00200014 0002e112 0113a9fa000002030405060708090a02" },
	{ "00010008" ID "80280004 5b0ff6fc", STUN_XOR_MAPPED_ADDRESS,
	    "198.51.100.9:49152",
	    "01010014" ID "00200008 0001e112 e721c04b 80280004 a89f48d6" },
	{ "00010000" CLASSIC, STUN_MAPPED_ADDRESS, "198.51.100.9:49152",
	    "0101000c" CLASSIC "00010008 0001c000 c6336409" },
	{ "00010000" CLASSIC, STUN_MAPPED_ADDRESS, "[2001:db8:1::9]:49152",
	    "01010018" CLASSIC
	    "00010014 0002c000 20010db8 00010000 00000000 00000009" },
	{ "00010000" ID, STUN_OTHER_ADDRESS, "192.0.2.2:3479",
	    "0101000c" ID "802c0008 00010d97 c0000202" },
	/* RFC 5769, sections 2.2 and 2.3. */
	{ "00010000 2112a442 b7e7a701bc34d686fa87dfae", STUN_XOR_MAPPED_ADDRESS,
	    "192.0.2.1:32853",
	    "0101000c 2112a442 b7e7a701bc34d686fa87dfae"
	    "00200008 0001a147 e112a643" },
	{ "00010000 2112a442 b7e7a701bc34d686fa87dfae", STUN_XOR_MAPPED_ADDRESS,
	    "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
	    "01010018 2112a442 b7e7a701bc34d686fa87dfae"
	    "00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9" },
};

/* In as much room as it takes, and not in less. */
START_TEST(test_writes_endpoints)
{
	const struct endpoint_case *c = &endpoints[_i];
	const struct mh_address endpoint = unit_address(c->endpoint);
	uint8_t bytes[128], expected[128], written[128];
	size_t length = read_hex(expected, sizeof(expected), c->response);
	struct stun_response response = { .bytes = written, .room = length };
	struct stun_request request;

	read_request(&request, bytes, c->request);
	memset(written, 0xee, sizeof(written));
	ck_assert(stun_begin(&response, &request, STUN_SUCCESS));
	ck_assert(stun_put_endpoint(&response, c->type, &endpoint));
	ck_assert_uint_eq(stun_end(&response, &crc), length);
	ck_assert_mem_eq(written, expected, length);
	ck_assert_uint_eq(written[length], 0xee);
	response =
	    (struct stun_response){ .bytes = written, .room = length - 1 };
	ck_assert(stun_begin(&response, &request, STUN_SUCCESS));
	ck_assert(!stun_put_endpoint(&response, c->type, &endpoint));
	response.room = (request.has_fingerprint ? 28 : 20) - 1;
	ck_assert(!stun_begin(&response, &request, STUN_SUCCESS));
}
END_TEST

/* The FINGERPRINT of RFC 5769's responses is about what we write, too. */
START_TEST(test_fingerprints_of_responses)
{
	static const struct {
		const char *bytes;
		uint32_t fingerprint;
	} vectors[] = {
		{ "0101003c 2112a442 b7e7a701bc34d686fa87dfae"
		  "8022000b 74657374 20766563 746f7220"
		  "00200008 0001a147 e112a643"
		  "00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7",
		    0xc07d4c96 },
		{ "01010048 2112a442 b7e7a701bc34d686fa87dfae"
		  "8022000b 74657374 20766563 746f7220"
		  "00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9"
		  "00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41",
		    0xc8fb0b4c },
	};
	uint8_t bytes[128];
	size_t length = read_hex(bytes, sizeof(bytes), vectors[_i].bytes);

	ck_assert_uint_eq(stun_crc32(&crc, bytes, length) ^ 0x5354554e,
	    vectors[_i].fingerprint);
}
END_TEST

static const struct error_case {
	const char *name, *request;
	bool refuses_change, refuses_port;
	const char *response;
} errors[] = {
	{ "one", "00010004" ID "77770000", false, false,
	    "01110010" ID "00090004 00000414 000a0002 77770000" },
	{ "each once", "00010010" ID "77770000 00020000 77770000 80220000",
	    false, false, "01110010" ID "00090004 00000414 000a0004 77770002" },
	{ "a change", "00010010" ID "00030004 00000004 00270002 c0000000", true,
	    false, "01110010" ID "00090004 00000414 000a0002 00030000" },
	{ "a port", "00010010" ID "00030004 00000004 00270002 c0000000", false,
	    true, "01110010" ID "00090004 00000414 000a0002 00270000" },
	{ "both, and more",
	    "00010014" ID "00030004 00000004 77770000 00270002 c0000000", true,
	    true,
	    "01110014" ID "00090004 00000414 000a0006 00037777 00270000" },
	{ "classic, even", "00010008" CLASSIC "77770000 77780000", false, false,
	    "01110010" CLASSIC "00090004 00000414 000a0004 77777778" },
	{ "classic, odd", "00010004" CLASSIC "77770000", false, false,
	    "01110010" CLASSIC "00090004 00000414 000a0004 77777777" },
	{ "not what is not protected",
	    "0001000c" ID "77770000 00080000 77780000", false, false,
	    "01110010" ID "00090004 00000414 000a0002 77770000" },
	{ "RFC 5769, section 2.1", RFC_2_1 "80280004 e57a3bcf", false, false,
	    "01110018 2112a442 b7e7a701bc34d686fa87dfae"
	    "00090004 00000414 000a0002 00240000 80280004 4aae3985" },
};

START_TEST(test_writes_errors)
{
	const struct error_case *c = &errors[_i];
	uint8_t bytes[128], expected[128], written[128];
	size_t length = read_hex(expected, sizeof(expected), c->response);
	struct stun_response response = { .bytes = written, .room = length };
	struct stun_request request;
	size_t room;

	read_request(&request, bytes, c->request);
	memset(written, 0xee, sizeof(written));
	ck_assert(stun_begin(&response, &request, STUN_ERROR));
	ck_assert(stun_put_error(&response, 420));
	ck_assert(
	    stun_put_unknown(&response, c->refuses_change, c->refuses_port));
	ck_assert_uint_eq(stun_end(&response, &crc), length);
	ck_assert_msg(memcmp(written, expected, length) == 0, "%s", c->name);
	ck_assert_uint_eq(written[length], 0xee);
	for (room = 28; room < length; room++) {
		response =
		    (struct stun_response){ .bytes = written, .room = room };
		memset(written, 0xee, sizeof(written));
		ck_assert(stun_begin(&response, &request, STUN_ERROR));
		ck_assert(!stun_put_error(&response, 420) ||
		    !stun_put_unknown(
			&response, c->refuses_change, c->refuses_port));
		ck_assert_uint_eq(written[room], 0xee);
	}
}
END_TEST

/* As many as a datagram holds, each a different one. */
START_TEST(test_writes_all_unknown)
{
	static uint8_t bytes[65508], written[65508];
	const size_t count = (sizeof(bytes) - STUN_HEADER) / 4;
	struct stun_response response = { .bytes = written,
		.room = sizeof(written) };
	struct stun_request request;
	size_t i;

	read_hex(bytes, sizeof(bytes), "0001ffd0" ID);
	for (i = 0; i < count; i++) {
		bytes[STUN_HEADER + 4 * i] = (uint8_t)(0x40 + (i >> 8));
		bytes[STUN_HEADER + 4 * i + 1] = (uint8_t)i;
	}
	ck_assert_int_eq(
	    stun_read(&request, &crc, bytes, sizeof(bytes)), SERVICE_REPLY);
	ck_assert(stun_begin(&response, &request, STUN_ERROR));
	ck_assert(stun_put_error(&response, 420));
	ck_assert(stun_put_unknown(&response, false, false));
	ck_assert_uint_eq(stun_end(&response, &crc), 20 + 8 + 4 + 2 * count);
	ck_assert_uint_eq(written[32], 0x40);
	ck_assert_uint_eq(written[32 + 2 * count - 1], (uint8_t)(count - 1));
}
END_TEST

/* As long as the request, never longer; none if there is no room for one. */
static const struct {
	const char *request;
	size_t length;
} paddings[] = {
	{ "00010004" ID "00260000", 24 },
	{ "00010008" ID "00260004 ffffffff", 28 },
	{ "00010008" ID "00260001 ffffffff", 28 },
	{ "00010010" ID "0026000c ffffffff ffffffff ffffffff", 36 },
	{ "00010010" ID "00260004 ffffffff 80280004 71951fa7", 36 },
};

START_TEST(test_pads)
{
	uint8_t bytes[128], written[128];
	struct stun_response response = { .bytes = written,
		.room = sizeof(written) };
	struct stun_request request;
	size_t i;

	read_request(&request, bytes, paddings[_i].request);
	memset(written, 0xee, sizeof(written));
	ck_assert(stun_begin(&response, &request, STUN_SUCCESS));
	stun_put_padding(&response);
	ck_assert_uint_eq(stun_end(&response, &crc), paddings[_i].length);
	ck_assert_uint_eq(written[3], paddings[_i].length - STUN_HEADER);
	ck_assert_uint_eq(written[21], STUN_PADDING);
	for (i = 24;
	     i < paddings[_i].length - (request.has_fingerprint ? 8 : 0); i++)
		ck_assert_uint_eq(written[i], 0);
	response = (struct stun_response){ .bytes = written,
		.room = paddings[_i].length - 1 };
	ck_assert(stun_begin(&response, &request, STUN_SUCCESS));
	stun_put_padding(&response);
	ck_assert_uint_eq(response.length, STUN_HEADER);
}
END_TEST

Suite *
stun_message_suite(void)
{
	Suite *suite = suite_create("stun_message");
	TCase *tcase = ask_tcase("stun_message");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_reads, 0, LENGTH(reads));
	tcase_add_loop_test(tcase, test_checksum, 0, LENGTH(checksums));
	tcase_add_loop_test(tcase, test_writes_endpoints, 0, LENGTH(endpoints));
	tcase_add_loop_test(tcase, test_fingerprints_of_responses, 0, 2);
	tcase_add_loop_test(tcase, test_writes_errors, 0, LENGTH(errors));
	tcase_add_test(tcase, test_writes_all_unknown);
	tcase_add_loop_test(tcase, test_pads, 0, LENGTH(paddings));
	suite_add_tcase(suite, tcase);
	return suite;
}
