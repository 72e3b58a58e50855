/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/dns.c: questions to the byte, answers of all codes.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

/* Refused: the header and the query. */
static size_t
serve_dns(const uint8_t *request, size_t length, uint8_t *answer)
{
	memcpy(answer, request, length);
	answer[2] |= 0x80;
	answer[3] = 5;
	return length;
}

#define ASKS                  \
	"00002904d0000000000" \
	"01000030000000a0008????????????????"

static const struct protocols_request requests[] = {
	/* OPT, UDP size 1232, NSID, cookie. */
	{ ".", -1,
	    "????0000000100000000000100"
	    "00020001" ASKS,
	    17 + 27 },
	{ "a.bc", -1,
	    "????00000001000000000001"
	    "01610262630000010001" ASKS,
	    22 + 27 },
	{ "a.bc.", -1,
	    "????00000001000000000001"
	    "01610262630000010001" ASKS,
	    22 + 27 },
	{ "id.server", -1,
	    "????00000001000000000001"
	    "0269640673657276657200"
	    "00100003" ASKS,
	    27 + 27 },
	/* None. */
	{ ".", 17,
	    "????0000000100000000000000"
	    "00020001",
	    17 },
	/* All, and padding. */
	{ ".", 50,
	    "????0000000100000000000100"
	    "00020001"
	    "00002904d0000000000"
	    "01600030000000a0008????????????????"
	    "000c0002"
	    "0000",
	    50 },
	/* OPT, UDP size 1232, padding option. */
	{ ".", 40,
	    "????0000000100000000000100"
	    "00020001"
	    "00002904d0000000000"
	    "00c000c0008"
	    "0000000000000000",
	    40 },
};

static const struct protocols_wrong wrong[] = {
	{ "a..b", -1 },
	{ ".a", -1 },
	{ "..", -1 },
	{ "0123456789012345678901234567890123456789012345678901234567890123",
	    -1 },
	{ ".", 16 },
	{ ".", 31 },
};

static const struct protocols_edit edits[] = {
	{ "a query", 2, 0, "\0", 1, NULL },
	{ "another type", 14, 0, "\x01", 1, NULL },
	{ "header alone", 4, 12, "\0\0", 2, "REFUSED" },
	{ "header alone, of one answer", 4, 12, "\0\0\0\1", 4, "REFUSED" },
	{ "cut in the question", 0, 16, "", 0, NULL },
	{ "truncated", 2, 0, "\x82\0", 2, "NOERROR, truncated" },
	{ "new code", 3, 0, "\x09", 1, "code 9" },
};

static const struct protocols_case self = {
	.protocol = &protocol_dns,
	.port = 53,
	.serve = serve_dns,
	.bits = 16,
	.nonce = false,
	.least = 17,
	.detail = "REFUSED",
	.requests = requests,
	.request_count = LENGTH(requests),
	.wrong = wrong,
	.wrong_count = LENGTH(wrong),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

/* A name as long as they can be, and one longer. */
START_TEST(test_long_name)
{
	struct protocol_query query = protocols_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];
	char name[300] = "";
	int i;

	query.name = name;
	for (i = 0; i < 127; i++)
		strcat(name, "a.");
	ck_assert_int_eq(
	    protocol_dns.build(&query, 0, request), 12 + 255 + 4 + 27);
	strcat(name, "a");
	ck_assert_int_eq(
	    protocol_dns.build(&query, 0, request), PROTOCOL_WRONG_SIZE);
}
END_TEST

/* The text that a server gives for id.server. */
START_TEST(test_dns_text)
{
	static const uint8_t record[] = "\xc0\x0c\0\x10\0\x03\0\0\0\0\0\x06"
					"\x05"
					"fra-1";
	struct protocol_query query = protocols_query(0x80);
	uint8_t answer[512] = { 0 };
	struct protocol_answer told;
	size_t length;

	query.name = "id.server";
	query.size = 27;
	length = (size_t)protocol_dns.build(&query, 7, answer);
	answer[2] = 0x84;
	answer[7] = 1;
	answer[13] ^= 0x20; /* "Id.server" */
	memcpy(answer + length, record, sizeof(record) - 1);
	ck_assert(protocols_match(
	    &protocol_dns, &query, answer, length + sizeof(record) - 1, &told));
	ck_assert_str_eq(told.detail, "fra-1");
}
END_TEST

/*
 * What comes after the question of a response, and what is shown of it; NULL:
 * it is cut off, so that this is no answer.
 */
static const struct {
	const char *name, *rest;
	size_t size;
	unsigned int answers, additional;
	const char *detail;
} options[] = {
	{ "NSID", "\0\0\x29\4\xd0\0\0\0\0\0\x08\0\3\0\4pop7", 19, 0, 1,
	    "NOERROR, NSID pop7" },
	{ "cookie",
	    "\0\0\x29\4\xd0\0\0\0\0\0\x14\0\x0a\0\x10"
	    "\x80\x81\x82\x83\x84\x85\x86\x87seerver!",
	    31, 0, 1, "NOERROR, cookie" },
	{ "half of one",
	    "\0\0\x29\4\xd0\0\0\0\0\0\x0c\0\x0a\0\x08"
	    "\x80\x81\x82\x83\x84\x85\x86\x87",
	    23, 0, 1, "NOERROR" },
	{ "somebody else's",
	    "\0\0\x29\4\xd0\0\0\0\0\0\x14\0\x0a\0\x10"
	    "\x80\x81\x82\x83\x84\x85\x86\x88seerver!",
	    31, 0, 1, "NOERROR" },
	{ "both, after an answer",
	    "\xc0\x0c\0\2\0\1\0\0\0\0\0\1\0"
	    "\0\0\x29\4\xd0\0\0\0\0\0\x1b\0\x0a\0\x10"
	    "\x80\x81\x82\x83\x84\x85\x86\x87seerver!\0\3\0\3\1b\n",
	    51, 1, 1, "NOERROR, cookie, NSID ?b" },
	{ "an empty NSID", "\0\0\x29\4\xd0\0\0\0\0\0\4\0\3\0\0", 15, 0, 1,
	    "NOERROR" },
	{ "longer than the record", "\0\0\x29\4\xd0\0\0\0\0\0\x08\0\3\0\5pop7",
	    19, 0, 1, "NOERROR" },
	{ "longer than the response",
	    "\0\0\x29\4\xd0\0\0\0\0\0\x09\0\3\0\5pop7", 19, 0, 1, NULL },
	{ "not counted", "\0\0\x29\4\xd0\0\0\0\0\0\x08\0\3\0\4pop7", 19, 0, 0,
	    "NOERROR" },
	{ "another record", "\0\0\x28\4\xd0\0\0\0\0\0\x08\0\3\0\4pop7", 19, 0,
	    1, "NOERROR" },
	{ "a name without end", "\4pop7", 5, 0, 1, NULL },
	{ "a record of two", "\0\0\x28\4\xd0\0\0\0\0\0\0", 11, 1, 1, NULL },
	{ "cut in a record's head", "\0\0\x28\4\xd0\0\0\0\0\0", 10, 0, 1,
	    NULL },
};

START_TEST(test_dns_options)
{
	struct protocol_query query = protocols_query(0x80);
	uint8_t answer[512] = { 0 };
	struct protocol_answer told;
	size_t length;

	query.size = 17;
	length = (size_t)protocol_dns.build(&query, 7, answer);
	answer[2] = 0x80;
	answer[7] = (uint8_t)options[_i].answers;
	answer[11] = (uint8_t)options[_i].additional;
	memcpy(answer + length, options[_i].rest, options[_i].size);
	ck_assert_msg(protocols_match(&protocol_dns, &query, answer,
			  length + options[_i].size,
			  &told) == (options[_i].detail != NULL),
	    "%s", options[_i].name);
	if (options[_i].detail != NULL)
		ck_assert_msg(strcmp(told.detail, options[_i].detail) == 0,
		    "%s: %s", options[_i].name, told.detail);
}
END_TEST

Suite *
protocol_dns_suite(void)
{
	Suite *suite = suite_create("probe dns");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_test(tcase, test_long_name);
	tcase_add_test(tcase, test_dns_text);
	tcase_add_loop_test(tcase, test_dns_options, 0, LENGTH(options));
	suite_add_tcase(suite, tcase);
	return suite;
}
