/* SPDX-License-Identifier: ISC */
/*
 * sockperf: a message of its ping-pong client, whose number is a nonce and the
 * sequence number, masked; the server's answer is the same but for one flag.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <string.h>

#define DEFAULT_SIZE 32
#define SEQUENCE 4
#define FLAGS 8
#define LENGTH 10
#define HEADER 14

#define OF_CLIENT 1
#define WANTS_PONG 2

/* Byte number i of the data: a server that changes any is not right. */
static uint8_t
byte_at(const struct protocol_query *query, size_t i)
{
	return (uint8_t)(query->secret[i % sizeof(query->secret)] + i);
}

static int
sockperf_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	const size_t size =
	    query->size < 0 ? DEFAULT_SIZE : (size_t)query->size;
	size_t i;

	if (size < HEADER)
		return PROTOCOL_WRONG_SIZE;
	memcpy(request, query->secret + 4, SEQUENCE);
	bytes_put32(request + SEQUENCE, protocol_mask(query, sequence));
	bytes_put16(request + FLAGS, OF_CLIENT | WANTS_PONG);
	bytes_put32(request + LENGTH, (uint32_t)size);
	for (i = HEADER; i < size; i++)
		request[i] = byte_at(query, i);
	return (int)size;
}

static bool
sockperf_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	size_t i;

	if (length < HEADER || bytes_get16(data + FLAGS) != WANTS_PONG ||
	    bytes_get32(data + LENGTH) != length ||
	    !protocol_is_secret(query, data, 4, SEQUENCE))
		return false;
	for (i = HEADER; i < length; i++)
		if (data[i] != byte_at(query, i))
			return false;
	answer->sequence = protocol_mask(query, bytes_get32(data + SEQUENCE));
	answer->bits = 32;
	answer->request_size = length;
	return true;
}

const struct protocol protocol_sockperf = {
	.name = "sockperf",
	.summary = "a message of sockperf's ping-pong client",
	.port = 11111,
	.sized = true,
	.build = sockperf_build,
	.match = sockperf_match,
};
