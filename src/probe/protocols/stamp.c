/* SPDX-License-Identifier: ISC */
/*
 * STAMP, RFC 8762, unauthenticated: the reflector repeats the sender's
 * sequence number and timestamp; the timestamp is a nonce here.  TWAMP-Light
 * reflectors (RFC 5357 appendix I) are understood as well.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define PACKET 44
#define REFLECTED 41 /* what TWAMP-Light sends at least */
#define TIMESTAMP 4
#define ERROR_ESTIMATE 12
#define SENDER_SEQUENCE 24
#define SENDER_TIMESTAMP 28
#define SENDER_TTL 40

static int
stamp_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	int size = query->size < 0 ? PACKET : query->size;

	if (size < PACKET)
		return PROTOCOL_WRONG_SIZE;
	memset(request, 0, (size_t)size);
	bytes_put32(request, sequence);
	memcpy(request + TIMESTAMP, query->secret, 8);
	bytes_put16(request + ERROR_ESTIMATE, 1); /* a multiplier is not 0 */
	return size;
}

static bool
stamp_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	if (length < REFLECTED ||
	    !protocol_is_secret(query, data + SENDER_TIMESTAMP, 0, 8))
		return false;
	answer->sequence = bytes_get32(data + SENDER_SEQUENCE);
	answer->bits = 32;
	snprintf(answer->detail, sizeof(answer->detail),
	    "reflected with sequence %lu, TTL at the reflector %u",
	    (unsigned long)bytes_get32(data), data[SENDER_TTL]);
	return true;
}

const struct protocol protocol_stamp = {
	.name = "stamp",
	.summary = "RFC 8762: a test packet for a reflector",
	.port = 862,
	.sized = true,
	.build = stamp_build,
	.match = stamp_match,
};
