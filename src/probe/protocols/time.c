/* SPDX-License-Identifier: ISC */
/*
 * time, RFC 868: the answer is four bytes, the seconds since 1900.  Nothing in
 * it identifies a request.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * The RFC has an empty request, and servers take any.  Not less than an answer,
 * for those that refuse to amplify; and not what may pass for one.
 */
#define DEFAULT_SIZE 8

static int
time_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	int size = query->size < 0 ? DEFAULT_SIZE : query->size;

	(void)sequence;
	memset(request, '\n', (size_t)size);
	return size;
}

static bool
time_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	static const uint8_t surplus[4];

	(void)query;
	/* GNU inetutils send a long: four zeros too many where it is 64 bits.
	 */
	if (length != 4 &&
	    (length != 8 || memcmp(data + 4, surplus, sizeof(surplus)) != 0))
		return false;
	snprintf(answer->detail, sizeof(answer->detail),
	    "%" PRIu32 " s since 1900", bytes_get32(data));
	return true;
}

const struct protocol protocol_time = {
	.name = "time",
	.summary = "RFC 868: the seconds since 1900",
	.port = 37,
	.sized = true,
	.build = time_build,
	.match = time_match,
};
