/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/ntp.c: modes, strata and the kiss of death.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_ntp(const uint8_t *request, size_t length, uint8_t *answer)
{
	memset(answer, 0, length);
	answer[0] = 4 << 3 | 4;
	answer[1] = 2;
	memcpy(answer + 24, request + 40, 8);
	return length;
}

static const struct protocols_request requests[] = {
	{ ".", -1, "23000000", 48 },
};

static const struct protocols_edit edits[] = {
	{ "mode 3", 0, 0, "\x23", 1, NULL },
	{ "mode 5", 0, 0, "\x25", 1, NULL },
	{ "not synchronised", 0, 0, "\xe4\x10", 2,
	    "stratum 16, not synchronised" },
	{ "no time yet", 1, 0, "", 1, "not synchronised" },
	{ "no time yet, it says", 1, 0, "\0\0\0\0\0\0\0\0\0\0\0INIT", 15,
	    "not synchronised" },
	{ "no time any more", 1, 0, "\0\0\0\0\0\0\0\0\0\0\0STEP", 15,
	    "not synchronised" },
	{ "kiss code", 1, 0, "\0\0\0\0\0\0\0\0\0\0\0RATE", 15,
	    "kiss of death RATE" },
};

static const struct protocols_case self = {
	.protocol = &protocol_ntp,
	.port = 123,
	.serve = serve_ntp,
	.bits = 32,
	.nonce = true,
	.least = 48,
	.detail = "stratum 2",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_ntp_suite(void)
{
	Suite *suite = suite_create("probe ntp");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
