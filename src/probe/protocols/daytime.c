/* SPDX-License-Identifier: ISC */
/*
 * daytime, RFC 867: the answer is the time as text, whatever the request is.
 * Nothing in it identifies a request.  The request is as long as an answer may
 * be, for servers that send no more than they got.
 */
#include "probe/protocols/protocol.h"

#include <string.h>

#define DEFAULT_SIZE 64

static int
daytime_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	int size = query->size < 0 ? DEFAULT_SIZE : query->size;

	(void)sequence;
	memset(request, '\n', (size_t)size);
	return size;
}

/* A line with a digit in it, no control characters but its end. */
static bool
daytime_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	bool digit = false;
	size_t i;

	(void)query;
	for (i = 0; i < length; i++) {
		if (data[i] >= '0' && data[i] <= '9')
			digit = true;
		if ((data[i] < ' ' && data[i] != '\r' && data[i] != '\n') ||
		    data[i] > '~')
			return false;
	}
	protocol_detail(answer, data, length);
	return digit;
}

const struct protocol protocol_daytime = {
	.name = "daytime",
	.summary = "RFC 867: the time as text",
	.port = 13,
	.sized = true,
	.build = daytime_build,
	.match = daytime_match,
};
