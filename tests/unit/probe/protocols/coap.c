/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/coap.c: a ping, and its reset.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_coap(const uint8_t *request, size_t length, uint8_t *answer)
{
	memcpy(answer, request, length);
	answer[0] = 0x70;
	return length;
}

static const struct protocols_request requests[] = {
	{ ".", -1, "4000????", 4 },
};

static const struct protocols_edit edits[] = {
	{ "acknowledged", 0, 0, "\x60", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_coap,
	.port = 5683,
	.serve = serve_coap,
	.bits = 16,
	.nonce = false,
	.least = 4,
	.detail = "",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_coap_suite(void)
{
	Suite *suite = suite_create("probe coap");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
