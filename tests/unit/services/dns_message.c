/* SPDX-License-Identifier: ISC */
/*
 * src/services/dns_message.c: which queries are read, and what of them.  Pure.
 */
#include "services/dns_message.h"
#include "unit/services/ask.h"

#include <stdlib.h>
#include <string.h>

/* Headers with those counts; names, with and without a pointer. */
#define HEAD(qd, an, ns, ar) "1234 0100 000" qd "000" an "000" ns "000" ar
#define PLAIN HEAD("1", "0", "0", "0")
#define EXTRA HEAD("1", "0", "0", "1")
#define NAME "0677686f616d690474657374 00"
#define QUESTION NAME " 0010 0001"
#define OPT(length) " 00 0029 04d0 00000000 " length

static const struct {
	const char *name, *query;
	unsigned int code;
} codes[] = {
	{ "plain", PLAIN QUESTION, DNS_NOERROR },
	{ "the root", PLAIN "00 0002 0001", DNS_NOERROR },
	{ "a response code", "1234 010f 0001 000000000000" QUESTION,
	    DNS_NOERROR },
	{ "cut in a name", PLAIN "0677686f616d69", DNS_FORMERR },
	{ "cut in a label", PLAIN "0677686f", DNS_FORMERR },
	{ "no question", PLAIN, DNS_FORMERR },
	{ "no type", PLAIN NAME, DNS_FORMERR },
	{ "half a class", PLAIN NAME " 0010 00", DNS_FORMERR },
	{ "an octet more", PLAIN QUESTION "00", DNS_FORMERR },
	{ "no question, no option", HEAD("0", "0", "0", "0"), DNS_FORMERR },
	{ "two questions", HEAD("2", "0", "0", "0") QUESTION QUESTION,
	    DNS_FORMERR },
	{ "256 questions", "1234 0100 0100 000000000000" QUESTION,
	    DNS_FORMERR },
	{ "an answer", HEAD("1", "1", "0", "0") QUESTION, DNS_FORMERR },
	{ "an authority", HEAD("1", "0", "1", "0") QUESTION, DNS_FORMERR },
	{ "an additional one that is not there", EXTRA QUESTION, DNS_FORMERR },
	{ "a pointer", PLAIN "c00c 0010 0001", DNS_FORMERR },
	{ "a pointer later on", PLAIN "0161c00c 0010 0001", DNS_FORMERR },
	{ "label type 01", PLAIN "4161 00 0010 0001", DNS_FORMERR },
	{ "label type 10", PLAIN "8161 00 0010 0001", DNS_FORMERR },
	{ "opcode 1", "1234 0800 0001 000000000000" QUESTION, DNS_NOTIMP },
	{ "opcode 4, and nothing else right", "1234 2500 1234 123456781234",
	    DNS_NOTIMP },
	{ "opcode 15", "1234 7900 0001 000000000000" QUESTION, DNS_NOTIMP },

	{ "an OPT record", EXTRA QUESTION OPT("0000"), DNS_NOERROR },
	{ "an unknown option", EXTRA QUESTION OPT("0005") "ffff000100",
	    DNS_NOERROR },
	{ "an OPT record alone", HEAD("0", "0", "0", "1") OPT("0000"),
	    DNS_FORMERR },
	{ "a cookie alone",
	    HEAD("0", "0", "0", "1") OPT("000c") "000a 0008 00*8",
	    DNS_NOERROR },
	{ "two OPT records",
	    HEAD("1", "0", "0", "2") QUESTION OPT("0000") OPT("0000"),
	    DNS_FORMERR },
	{ "two, and one is counted", EXTRA QUESTION OPT("0000") OPT("0000"),
	    DNS_FORMERR },
	{ "another record", EXTRA QUESTION "00 0001 0001 00000000 0004 00*4",
	    DNS_FORMERR },
	{ "not at the root", EXTRA QUESTION "0161 00 0029 04d0 00000000 0000",
	    DNS_FORMERR },
	{ "half an OPT record", EXTRA QUESTION "00 0029 04d0 0000",
	    DNS_FORMERR },
	{ "less than it says", EXTRA QUESTION OPT("0004") "0003 00",
	    DNS_FORMERR },
	{ "more than it says", EXTRA QUESTION OPT("0000") "00", DNS_FORMERR },
	{ "half an option", EXTRA QUESTION OPT("0003") "0003 00", DNS_FORMERR },
	{ "an option longer than all", EXTRA QUESTION OPT("0004") "0003 0001",
	    DNS_FORMERR },
	{ "version 1", EXTRA QUESTION "00 0029 04d0 00010000 0000",
	    DNS_BADVERS },
	{ "version 255, and options of its own",
	    EXTRA QUESTION "00 0029 04d0 00ff0000 0003 000001", DNS_BADVERS },

	{ "cookie: 7", EXTRA QUESTION OPT("000b") "000a 0007 00*7",
	    DNS_FORMERR },
	{ "cookie: 8", EXTRA QUESTION OPT("000c") "000a 0008 00*8",
	    DNS_NOERROR },
	{ "cookie: 9", EXTRA QUESTION OPT("000d") "000a 0009 00*9",
	    DNS_FORMERR },
	{ "cookie: 15", EXTRA QUESTION OPT("0013") "000a 000f 00*15",
	    DNS_FORMERR },
	{ "cookie: 16", EXTRA QUESTION OPT("0014") "000a 0010 00*16",
	    DNS_NOERROR },
	{ "cookie: 40", EXTRA QUESTION OPT("002c") "000a 0028 00*40",
	    DNS_NOERROR },
	{ "cookie: 41", EXTRA QUESTION OPT("002d") "000a 0029 00*41",
	    DNS_FORMERR },
	{ "cookie: none", EXTRA QUESTION OPT("0004") "000a 0000", DNS_FORMERR },
};

/* In memory of exactly its size, for sanitizers and valgrind. */
static enum service_outcome
read_hex(struct dns_query *query, const char *text, uint8_t **bytes)
{
	static uint8_t buffer[1024];
	size_t length = ask_hex(text, buffer, sizeof(buffer));

	*bytes = malloc(length + 1);
	ck_assert_ptr_nonnull(*bytes);
	memcpy(*bytes, buffer, length);
	return dns_read(query, *bytes, length);
}

START_TEST(test_codes)
{
	struct dns_query query;
	uint8_t *bytes;

	ck_assert_int_eq(
	    read_hex(&query, codes[_i].query, &bytes), SERVICE_REPLY);
	ck_assert_msg(
	    query.code == codes[_i].code, "%s: %u", codes[_i].name, query.code);
	if (query.code == DNS_FORMERR || query.code == DNS_NOTIMP) {
		ck_assert_uint_eq(query.question, 0);
		ck_assert(!query.has_opt);
		ck_assert_ptr_null(query.cookie.bytes);
	}
	free(bytes);
}
END_TEST

/* Of responses nothing is said, whatever else they are. */
START_TEST(test_silent)
{
	struct dns_query query;
	uint8_t *bytes;

	ck_assert_int_eq(
	    read_hex(&query, "1234 8100 0001 000000000000" QUESTION, &bytes),
	    SERVICE_NOT_REQUEST);
	free(bytes);
	ck_assert_int_eq(
	    read_hex(&query, "1234 a905 0000 000000000000", &bytes),
	    SERVICE_NOT_REQUEST);
	free(bytes);
	ck_assert_int_eq(read_hex(&query, "1234 8100 0001 0000000000", &bytes),
	    SERVICE_MALFORMED);
	free(bytes);
	ck_assert_int_eq(read_hex(&query, "", &bytes), SERVICE_MALFORMED);
	free(bytes);
}
END_TEST

START_TEST(test_reads)
{
	static const uint8_t name[] = "\6whoami\4test";
	struct dns_query query;
	uint8_t *bytes;

	read_hex(&query,
	    EXTRA "0657484f616d490474657354 00 001c 0003"
		  " 00 0029 0200 00008000 001f 0003 0000"
		  " 000a 0008 0102030405060708 0008 0007 0001180033445500"
		  " 0003 0000",
	    &bytes);
	/* What is wrong with it: the second NSID does not fit. */
	ck_assert_uint_eq(query.code, DNS_FORMERR);
	free(bytes);
	read_hex(&query,
	    EXTRA "0657484f616d490474657354 00 001c 0003"
		  " 00 0029 0200 00008000 001f 0003 0000"
		  " 000a 0008 0102030405060708 0008 0007 00011800334455"
		  " 0003 0000",
	    &bytes);
	ck_assert_uint_eq(query.code, DNS_NOERROR);
	ck_assert_uint_eq(query.name.size, sizeof(name));
	ck_assert_mem_eq(query.name.bytes, name, sizeof(name));
	ck_assert_uint_eq(query.type, 28);
	ck_assert_uint_eq(query.class, DNS_CH);
	ck_assert_uint_eq(query.question, 17);
	ck_assert(query.has_opt && query.dnssec_ok);
	ck_assert_uint_eq(query.udp_size, 512);
	ck_assert_ptr_nonnull(query.nsid.bytes);
	ck_assert_uint_eq(query.cookie.size, 8);
	ck_assert_mem_eq(query.cookie.bytes, "\1\2\3\4\5\6\7\10", 8);
	ck_assert_uint_eq(query.subnet.size, 7);
	free(bytes);
}
END_TEST

/* Nobody takes less than 512; the first cookie counts (RFC 7873, 5.2). */
START_TEST(test_sizes)
{
	struct dns_query query;
	uint8_t *bytes;

	read_hex(&query, EXTRA QUESTION "00 0029 0000 00000000 0000", &bytes);
	ck_assert_uint_eq(query.udp_size, 512);
	ck_assert(!query.dnssec_ok);
	free(bytes);
	read_hex(&query, EXTRA QUESTION "00 0029 ffff 00000000 0000", &bytes);
	ck_assert_uint_eq(query.udp_size, 65535);
	free(bytes);
	read_hex(&query,
	    EXTRA QUESTION OPT("0018") "000a 0008 01*8 000a 0008 02*8", &bytes);
	ck_assert_uint_eq(query.cookie.bytes[0], 1);
	free(bytes);
}
END_TEST

/* 255 octets are a name, 256 are none. */
START_TEST(test_longest_name)
{
	struct dns_query query;
	uint8_t *bytes;

	read_hex(&query,
	    PLAIN "3f 61*63 3f 61*63 3f 61*63 3d 61*61 00 0001 0001", &bytes);
	ck_assert_uint_eq(query.code, DNS_NOERROR);
	ck_assert_uint_eq(query.name.size, 255);
	free(bytes);
	read_hex(&query,
	    PLAIN "3f 61*63 3f 61*63 3f 61*63 3e 61*62 00 0001 0001", &bytes);
	ck_assert_uint_eq(query.code, DNS_FORMERR);
	free(bytes);
}
END_TEST

/* What does not fit is not written, and nothing after it. */
START_TEST(test_room)
{
	uint8_t *bytes, room[64];
	struct dns_query query;
	struct dns_response response = { .bytes = room, .room = 28 };

	read_hex(&query, PLAIN QUESTION, &bytes);
	memset(room, 0xee, sizeof(room));
	dns_begin(&response, &query);
	ck_assert(response.lost);
	ck_assert_uint_eq(room[0], 0xee);
	response.room = 29;
	dns_begin(&response, &query);
	ck_assert(!response.lost);
	ck_assert_uint_eq(response.length, 29);
	response.room = 40;
	dns_put_string(&response, "eleven byte");
	ck_assert(response.lost);
	dns_put(&response, "", 1);
	ck_assert_uint_eq(response.length, 29);
	ck_assert_uint_eq(room[29], 0xee);
	free(bytes);
}
END_TEST

Suite *
dns_message_suite(void)
{
	Suite *suite = suite_create("dns_message");
	TCase *tcase = tcase_create("dns_message");

	tcase_add_loop_test(tcase, test_codes, 0, LENGTH(codes));
	tcase_add_test(tcase, test_silent);
	tcase_add_test(tcase, test_reads);
	tcase_add_test(tcase, test_sizes);
	tcase_add_test(tcase, test_longest_name);
	tcase_add_test(tcase, test_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
