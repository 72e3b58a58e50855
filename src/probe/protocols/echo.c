/* SPDX-License-Identifier: ISC */
/*
 * echo, RFC 862: the answer is the request.  Its first four bytes are the
 * sequence number, masked, least significant byte first, so that a request of
 * one byte has some of it too; then twelve secret bytes; then a pattern.
 */
#include "probe/protocols/protocol.h"

#include <string.h>

#define DEFAULT_SIZE 32

/* Byte number i of a request. */
static uint8_t
byte_at(const struct protocol_query *query, uint32_t masked, size_t i)
{
	if (i < 4)
		return (uint8_t)(masked >> 8 * i);
	if (i < sizeof(query->secret))
		return query->secret[i];
	return (uint8_t)i;
}

static int
echo_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	int i, size = query->size < 0 ? DEFAULT_SIZE : query->size;
	uint32_t masked = protocol_mask(query, sequence);

	for (i = 0; i < size; i++)
		request[i] = byte_at(query, masked, (size_t)i);
	return size;
}

static bool
echo_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	uint32_t masked = 0;
	size_t i;

	/* Of nothing there is nothing to tell what was asked. */
	if (length == 0 && query->size != 0)
		return false;
	for (i = 0; i < length && i < 4; i++)
		masked |= (uint32_t)data[i] << 8 * i;
	for (i = 4; i < length; i++)
		if (data[i] != byte_at(query, masked, i))
			return false;
	answer->sequence = protocol_mask(query, masked);
	answer->bits = length < 4 ? 8 * (unsigned int)length : 32;
	answer->request_size = length;
	return true;
}

const struct protocol protocol_echo = {
	.name = "echo",
	.summary = "RFC 862: the answer is the request",
	.port = 7,
	.sized = true,
	.build = echo_build,
	.match = echo_match,
};
