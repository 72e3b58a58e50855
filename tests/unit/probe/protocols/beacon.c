/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/beacon.c: all but two bytes come back.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_beacon(const uint8_t *request, size_t length, uint8_t *reply)
{
	memcpy(reply, request, length);
	memset(reply, 0, 2);
	return length;
}

static const struct protocols_request requests[] = {
	{ ".", -1, "ffff????????8485868788898a8b8c8d8e8f", 18 },
};

static const struct protocols_edit edits[] = {
	{ "the request", 0, 0, "\xff\xff", 2, NULL },
	{ "half of it", 0, 0, "\xff", 1, NULL },
	{ "the other half", 1, 0, "\xff", 1, NULL },
	{ "longer", 0, 19, "", 0, NULL },
	{ "another nonce", 6, 0, "\0", 1, NULL },
	{ "the end of it", 17, 0, "\0", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_beacon,
	.port = 3075,
	.serve = serve_beacon,
	.bits = 32,
	.nonce = true,
	.least = 18,
	.detail = "",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_beacon_suite(void)
{
	Suite *suite = suite_create("probe beacon");

	suite_add_tcase(suite, protocols_tcase(&self));
	return suite;
}
