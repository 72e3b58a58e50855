/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/stun.c: attributes, errors, and who we are.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

/* XOR-MAPPED-ADDRESS 192.0.2.9:1024, the example of RFC 5769 by hand. */
static size_t
serve_stun(const uint8_t *request, size_t length, uint8_t *answer)
{
	static const uint8_t mapped[] = { 0x00, 0x20, 0, 8, 0, 1, 0x04 ^ 0x21,
		0x00 ^ 0x12, 192 ^ 0x21, 0 ^ 0x12, 2 ^ 0xa4, 9 ^ 0x42 };

	memcpy(answer, request, length);
	answer[0] = 1;
	answer[1] = 1;
	answer[3] = sizeof(mapped);
	memcpy(answer + length, mapped, sizeof(mapped));
	return length + sizeof(mapped);
}

static const struct protocols_request requests[] = {
	{ ".", -1, "000100002112a442", 20 },
};

static const struct protocols_edit edits[] = {
	{ "error", 0, 0, "\x01\x11", 2, "you 192.0.2.9:1024" },
	{ "indication", 0, 0, "\x00\x11", 2, NULL },
	{ "length", 3, 0, "\x0d", 1, NULL },
	{ "cookie", 4, 0, "\x22", 1, NULL },
	{ "unknown attribute", 20, 0, "\x80\x22", 2, "" },
	{ "attribute too long", 23, 0, "\x40", 1, "" },
	{ "another family", 25, 0, "\x02", 1, "" },
	{ "error code", 20, 0, "\0\x09\0\x08\0\0\x04\x14", 8, "error 420" },
};

static const struct protocols_case self = {
	.protocol = &protocol_stun,
	.port = 3478,
	.serve = serve_stun,
	.bits = 32,
	.nonce = true,
	.least = 32,
	.detail = "you 192.0.2.9:1024",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_stun_suite(void)
{
	Suite *suite = suite_create("probe stun");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
