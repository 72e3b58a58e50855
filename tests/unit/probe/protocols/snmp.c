/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/snmp.c: an engine ID, from a report.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

/* A report with the engine ID 8000 1f88 04, as small as possible. */
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

static const struct protocols_request requests[] = {
	{ ".", -1,
	    "303e020103"
	    "30110204????????020300ffe3040104020103"
	    "0410300e0400020100020100040004000400"
	    "301404000400a00e0204????????0201000201003000",
	    64 },
};

static const struct protocols_edit edits[] = {
	{ "length of five bytes", 1, 0, "\x85\0\0\0\0", 5, NULL },
	{ "version 1", 4, 0, "\0", 1, NULL },
	{ "a request", 45, 0, "\xa0", 1, NULL },
	{ "a response", 45, 0, "\xa2", 1, "engine 80001f8804" },
};

static const struct protocols_case self = {
	.protocol = &protocol_snmp,
	.port = 161,
	.serve = serve_snmp,
	.bits = 31,
	.nonce = false,
	.least = 53,
	.detail = "engine 80001f8804",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

/* The longest id that RFC 3411 allows, and what is longer than a detail. */
START_TEST(test_snmp_engine)
{
	static const size_t lengths[] = { 32, 96, 97, 200 };
	struct protocol_query query = protocols_query(0x80);
	struct protocol_answer answer;
	const size_t engine = lengths[_i], shown = engine < 96 ? engine : 96;
	uint8_t report[300] = { 0x30, 0x82, 0, 0, 0x02, 1, 3, 0x30, 3, 0x02, 1,
		0, 0x04, 0x82, 0, 0, 0x30, 0x82, 0, 0, 0x04, 0x82, 0, 0 };
	static const uint8_t scoped[] = { 0x30, 6, 0x04, 0, 0x04, 0, 0xa8, 0 };
	char wanted[sizeof(answer.detail)] = "engine ";
	size_t i;

	report[3] = (uint8_t)(engine + 28);
	report[15] = (uint8_t)(engine + 8);
	report[19] = (uint8_t)(engine + 4);
	report[23] = (uint8_t)engine;
	memset(report + 24, 0xa5, engine);
	memcpy(report + 24 + engine, scoped, sizeof(scoped));
	for (i = 0; i < shown; i++)
		strcat(wanted, "a5");
	ck_assert(protocols_match(&protocol_snmp, &query, report,
	    24 + engine + sizeof(scoped), &answer));
	ck_assert_str_eq(answer.detail, wanted);
}
END_TEST

Suite *
protocol_snmp_suite(void)
{
	Suite *suite = suite_create("probe snmp");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_loop_test(tcase, test_snmp_engine, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
