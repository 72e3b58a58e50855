/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/whoami.c: the lines of a whoami.
 */
#include "unit/probe/protocols/protocols.h"

#include <stdio.h>

static size_t
serve_whoami(const uint8_t *request, size_t length, uint8_t *answer)
{
	(void)request;
	return (size_t)sprintf((char *)answer,
	    "you 192.0.2.9:1024\nasked 192.0.2.1:7008\nttl 64\nlength %zu\n",
	    length);
}

static const struct protocols_request requests[] = {
	{ ".", 8, "77686f616d692020", 8 },
	{ ".", 3, "77686f", 3 },
	{ ".", 0, "", 0 },
};

static const struct protocols_edit edits[] = {
	{ "no length", 53, 0, "L", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_whoami,
	.port = 0,
	.serve = serve_whoami,
	.bits = 8,
	.nonce = false,
	.least = 40,
	.detail = "asked 192.0.2.1:7008, you 192.0.2.9:1024",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_whoami_suite(void)
{
	Suite *suite = suite_create("probe whoami");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
