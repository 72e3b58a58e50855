/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/time.c: seconds since 1900.
 */
#include "unit/probe/protocols/protocols.h"

#include <string.h>

static size_t
serve_time(const uint8_t *request, size_t length, uint8_t *answer)
{
	(void)request;
	(void)length;
	memcpy(answer, "\xee\xab\xcd\xef", 4);
	return 4;
}

static const struct protocols_request requests[] = {
	{ ".", -1, "0a0a0a0a0a0a0a0a", 8 },
	{ ".", 0, "", 0 },
};

static const struct protocols_edit edits[] = {
	{ "five bytes", 0, 5, "", 0, NULL },
	{ "eight bytes", 4, 8, "\0\0\0\0", 4, "4004236783 s since 1900" },
	{ "eight other bytes", 4, 8, "\0\0\0\1", 4, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_time,
	.port = 37,
	.serve = serve_time,
	.bits = 0,
	.nonce = false,
	.least = 4,
	.detail = "4004236783 s since 1900",
	.requests = requests,
	.request_count = LENGTH(requests),
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_time_suite(void)
{
	Suite *suite = suite_create("probe time");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
