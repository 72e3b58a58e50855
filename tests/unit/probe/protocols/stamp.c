/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/stamp.c: reflected sequence and time.
 */
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
	    "00010000",
	    44 },
	{ ".", 100,
	    "00000000????????????????"
	    "00010000",
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

Suite *
protocol_stamp_suite(void)
{
	Suite *suite = suite_create("probe stamp");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
