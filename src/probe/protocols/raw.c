/* SPDX-License-Identifier: ISC */
/*
 * raw: any bytes of the user's; every datagram that comes is an answer.
 */
#include "probe/protocols/protocol.h"

#include "common/hex.h"

#include <string.h>

/* Bytes of an answer that people are shown. */
#define SHOWN 16

static int
raw_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	(void)sequence;
	if (query->payload_length > 0)
		memcpy(request, query->payload, query->payload_length);
	return (int)query->payload_length;
}

static bool
raw_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	struct strbuf detail =
	    strbuf_over(answer->detail, sizeof(answer->detail));

	(void)query;
	strbuf_print(&detail, "%lu bytes%s", (unsigned long)length,
	    length > 0 ? ": " : "");
	hex_print(&detail, data, length < SHOWN ? length : SHOWN, " ");
	return true;
}

const struct protocol protocol_raw = {
	.name = "raw",
	.summary = "the bytes of --hex or --text; any answer will do",
	.build = raw_build,
	.match = raw_match,
};
