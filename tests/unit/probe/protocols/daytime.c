/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/daytime.c: a line of text.
 */
#include "unit/probe/protocols/protocols.h"

#include <stdio.h>

static size_t
serve_daytime(const uint8_t *request, size_t length, uint8_t *answer)
{
	(void)request;
	(void)length;
	return (size_t)sprintf(
	    (char *)answer, "Sunday, November 22, 2026 02:09:01-UTC\r\n");
}

static const struct protocols_request requests[] = {
	{ ".", -1, "0a0a", 64 },
};

static const struct protocols_edit edits[] = {
	{ "binary", 3, 0, "\x01", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_daytime,
	.port = 13,
	.serve = serve_daytime,
	.bits = 0,
	.nonce = false,
	.least = 18,
	.detail = "Sunday, November 22, 2026 02:09:01-UTC",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_daytime_suite(void)
{
	Suite *suite = suite_create("probe daytime");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
