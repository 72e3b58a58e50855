/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/sockperf.c: the message comes back as the server's.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_sockperf(const uint8_t *request, size_t length, uint8_t *reply)
{
	memcpy(reply, request, length);
	reply[9] = 2;
	return length;
}

static const struct protocols_request requests[] = {
	{ ".", -1, "84858687????????0003000000209c", 32 },
	{ ".", 14, "84858687????????00030000000e", 14 },
	{ ".", 65507, "84858687????????00030000ffe3", 65507 },
};

static const struct protocols_wrong wrong[] = { { ".", 0 }, { ".", 13 } };

static const struct protocols_edit edits[] = {
	{ "the client's", 9, 0, "\3", 1, NULL },
	{ "no pong wanted", 9, 0, "\0", 1, NULL },
	{ "another flag", 8, 0, "\1", 1, NULL },
	{ "another length", 13, 0, "\x1f", 1, NULL },
	{ "cut, as it says", 13, 31, "\x1f", 1, "" },
	{ "cut", 0, 31, "", 0, NULL },
	{ "another nonce", 0, 0, "\0", 1, NULL },
	{ "another byte", 31, 0, "\0", 1, NULL },
	{ "another first byte", 14, 0, "\0", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_sockperf,
	.port = 11111,
	.serve = serve_sockperf,
	.bits = 32,
	.nonce = true,
	.least = 32,
	.detail = "",
	.requests = requests,
	.request_count = LENGTH(requests),
	.wrong = wrong,
	.wrong_count = LENGTH(wrong),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

/* The size of an answer tells which request it was, as for sweeps. */
START_TEST(test_sockperf_sizes)
{
	struct protocol_query query = protocols_query(0x80);
	struct protocol_answer told;
	uint8_t data[64];

	query.size = _i;
	ck_assert_int_eq(protocol_sockperf.build(&query, 7, data), _i);
	data[9] = 2;
	ck_assert(protocols_match(
	    &protocol_sockperf, &query, data, (size_t)_i, &told));
	ck_assert_uint_eq(told.request_size, _i);
	ck_assert_uint_eq(told.sequence, 7);
}
END_TEST

Suite *
protocol_sockperf_suite(void)
{
	Suite *suite = suite_create("probe sockperf");
	TCase *tcase = protocols_tcase(&self);

	tcase_add_loop_test(tcase, test_sockperf_sizes, 14, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
