/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/irtt.c: the request to the byte, and what servers make of
 * the duration.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

/* No token, and all as it was asked for. */
static size_t
serve_irtt(const uint8_t *request, size_t length, uint8_t *answer)
{
	memcpy(answer, request, 4);
	answer[3] = 7;
	memset(answer + 4, 0, 8);
	memcpy(answer + 12, request + 4, length - 4);
	return length + 8;
}

/* An hour and an interval. */
static const struct protocols_request requests[] = {
	{ ".", -1, "14a75b050102028080c58bc6d10103", 20 },
};

static const struct protocols_edit edits[] = {
	{ "open", 3, 0, "\3", 1, "" },
	{ "request", 3, 0, "\5", 1, NULL },
	{ "echo reply", 3, 0, "\2", 1, NULL },
	{ "signed", 3, 0, "\x0f", 1, NULL },
	{ "magic", 2, 0, "\x5c", 1, NULL },
	{ "10 s", 14, 0, "\2\x80\x90\xdf\xc0\x4a\x0a\2", 8,
	    "tests of 10 s at most" },
	{ "no parameters", 0, 12, "", 0, NULL },
	{ "cut short", 0, 15, "", 0, NULL },
	{ "interval of 0", 22, 0, "\3\0\1\2\1\2\1\2", 8, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_irtt,
	.port = 2112,
	.serve = serve_irtt,
	.bits = 32,
	.least = 24,
	.detail = "",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

/* What fills packets is skipped, and may not be cut short. */
START_TEST(test_fill)
{
	const struct protocol_query query = protocols_query(0x80);
	struct protocol_answer answer = { .bits = 0 };
	uint8_t reply[256];
	size_t length = protocols_reply(&self, &query, 9, reply);

	memcpy(reply + length, "\x09\x04rand", 6);
	ck_assert(protocols_match(
	    &protocol_irtt, &query, reply, length + 6, &answer));
	ck_assert_uint_eq(answer.sequence, 9);
	ck_assert(!protocols_match(
	    &protocol_irtt, &query, reply, length + 5, &answer));
}
END_TEST

Suite *
protocol_irtt_suite(void)
{
	Suite *suite = suite_create("probe irtt");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_test(tcase, test_fill);
	suite_add_tcase(suite, tcase);
	return suite;
}
