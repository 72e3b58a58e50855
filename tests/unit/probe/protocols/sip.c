/* SPDX-License-Identifier: ISC */
/*
 * src/probe/protocols/sip.c: headers, folded and abbreviated.
 */
#include "unit/probe/protocols/protocols.h"

#include <stdio.h>
#include <string.h>

/* The value of a header of the request; up to the end of its line. */
static int
header(const uint8_t *request, const char *name, const char **value)
{
	*value = strstr((const char *)request, name);
	ck_assert_ptr_nonnull(*value);
	*value += strlen(name);
	return (int)strcspn(*value, "\r");
}

static size_t
serve_sip(const uint8_t *request, size_t length, uint8_t *answer)
{
	const char *id, *sequence;
	int id_length = header(request, "\r\nCall-ID: ", &id);
	int sequence_length = header(request, "\r\nCSeq: ", &sequence);

	(void)length;
	return (size_t)sprintf((char *)answer,
	    "SIP/2.0 200 OK\r\ni : %.*s\r\ncseq:%.*s\r\n\r\n", id_length, id,
	    sequence_length, sequence);
}

static const struct protocols_edit edits[] = {
	{ "a request", 0, 0, "OPTIONS ", 8, NULL },
	{ "another code", 8, 0, "404 No", 6, "404 No" },
	{ "another method", 69, 0, "X", 1, NULL },
	{ "no number", 67, 0, "x", 1, NULL },
};

static const struct protocols_case self = {
	.protocol = &protocol_sip,
	.port = 5060,
	.serve = serve_sip,
	.bits = 32,
	.nonce = true,
	.least = 77,
	.detail = "200 OK",
	.edits = edits,
	.edit_count = LENGTH(edits),
};

Suite *
protocol_sip_suite(void)
{
	Suite *suite = suite_create("probe sip");
	TCase *tcase = protocols_tcase(&self);

	suite_add_tcase(suite, tcase);
	return suite;
}
