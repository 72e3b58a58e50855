/* SPDX-License-Identifier: ISC */
/*
 * unity: what clients of Unity Multiplay ask a beacon.  Number, identifier and
 * time come back as they are: the sequence number, masked, and secret bytes.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define REQUEST 0x59
#define REPLY 0x95
#define FLOW 1
#define TITLE 2
#define OWN 11 /* of number, identifier and time: */
#define SEQUENCE 7
#define SECRET_FIRST 4 /* the mask is made of those before it */

static const uint8_t head[] = { REQUEST, 0, 8, 'm', 'h', 'p', 'r', 'o', 'b',
	'e' };

#define PACKET (sizeof(head) + OWN)
#define ANSWER (TITLE + OWN)

static int
unity_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	uint8_t *own = request + sizeof(head);

	memcpy(request, head, sizeof(head));
	memcpy(own, query->secret + SECRET_FIRST, SEQUENCE);
	bytes_put32(own + SEQUENCE, protocol_mask(query, sequence));
	return PACKET;
}

static bool
unity_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	if (length != ANSWER || data[0] != REPLY || data[FLOW] >> 4 != 0 ||
	    !protocol_is_secret(query, data + TITLE, SECRET_FIRST, SEQUENCE))
		return false;
	answer->sequence =
	    protocol_mask(query, bytes_get32(data + TITLE + SEQUENCE));
	answer->bits = 32;
	/* It is to ask less often, or not at all for some time. */
	if (data[FLOW] != 0)
		snprintf(answer->detail, sizeof(answer->detail),
		    "flow control %x", data[FLOW]);
	return true;
}

const struct protocol protocol_unity = {
	.name = "unity",
	.summary = "what game clients ask: Unity",
	.build = unity_build,
	.match = unity_match,
};
