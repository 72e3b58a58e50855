/* SPDX-License-Identifier: ISC */
/*
 * beacon: what PlayFab's clients ask; the answer is the same but for the first
 * two bytes.  After them come the sequence number, masked, and secret bytes.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <string.h>

#define REQUEST 0xffff
#define REPLY 0
#define SEQUENCE 2
#define SECRET 6
#define SECRET_FIRST 4 /* the mask is made of those before it */
#define SECRET_SIZE 12
#define PACKET (SECRET + SECRET_SIZE)

static int
beacon_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	bytes_put16(request, REQUEST);
	bytes_put32(request + SEQUENCE, protocol_mask(query, sequence));
	memcpy(request + SECRET, query->secret + SECRET_FIRST, SECRET_SIZE);
	return PACKET;
}

static bool
beacon_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	if (length != PACKET || bytes_get16(data) != REPLY ||
	    !protocol_is_secret(
		query, data + SECRET, SECRET_FIRST, SECRET_SIZE))
		return false;
	answer->sequence = protocol_mask(query, bytes_get32(data + SEQUENCE));
	answer->bits = 32;
	return true;
}

const struct protocol protocol_beacon = {
	.name = "beacon",
	.summary = "what game clients ask: PlayFab, Xbox",
	.port = 3075,
	.build = beacon_build,
	.match = beacon_match,
};
