/* SPDX-License-Identifier: ISC */
/*
 * CoAP ping, RFC 7252 section 4.3: an empty confirmable message is answered
 * by a reset with the same message id.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#define MESSAGE 4
#define CONFIRMABLE 0x40 /* version 1, no token */
#define RESET 0x70

static int
coap_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	request[0] = CONFIRMABLE;
	request[1] = 0;
	bytes_put16(request + 2, protocol_mask(query, sequence) & 0xffff);
	return MESSAGE;
}

static bool
coap_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	if (length != MESSAGE || data[0] != RESET || data[1] != 0)
		return false;
	answer->sequence = protocol_mask(query, bytes_get16(data + 2)) & 0xffff;
	answer->bits = 16;
	return true;
}

const struct protocol protocol_coap = {
	.name = "coap",
	.summary = "RFC 7252: a ping, answered by a reset",
	.port = 5683,
	.build = coap_build,
	.match = coap_match,
};
