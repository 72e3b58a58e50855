/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/unity.c: what is the client's own comes back.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_unity(const uint8_t *request, size_t length, uint8_t *reply)
{
	reply[0] = 0x95;
	reply[1] = 0;
	memcpy(reply + 2, request + length - 11, 11);
	return 13;
}

static const struct protocols_request requests[] = {
	{ ".", -1, "5900086d6870726f62658485868788898a????????", 21 },
};

static const struct protocols_edit edits[] = {
	{ "a request's first byte", 0, 0, "\x59", 1, NULL },
	{ "another version", 1, 0, "\x10", 1, NULL },
	{ "throttled", 1, 0, "\x03", 1, "flow control 3" },
	{ "longer", 0, 14, "", 0, NULL },
	{ "another nonce", 2, 0, "\0", 1, NULL },
	{ "the end of it", 8, 0, "\0", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_unity,
	.port = 0,
	.serve = serve_unity,
	.bits = 32,
	.nonce = true,
	.least = 13,
	.detail = "",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_unity_suite(void)
{
	Suite *suite = suite_create("probe unity");

	suite_add_tcase(suite, protocols_tcase(&self));
	return suite;
}
