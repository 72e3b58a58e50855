/* SPDX-License-Identifier: ISC */
/*
 * STUN, RFC 8489: a Binding request; the answer has its transaction id and
 * says which address it was sent from.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define HEADER 20
#define COOKIE 0x2112A442u

enum {
	BINDING_REQUEST = 0x0001,
	BINDING_SUCCESS = 0x0101,
	BINDING_ERROR = 0x0111,
	ERROR_CODE = 0x0009,
	XOR_MAPPED_ADDRESS = 0x0020
};

static int
stun_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	bytes_put16(request, BINDING_REQUEST);
	bytes_put16(request + 2, 0);
	bytes_put32(request + 4, COOKIE);
	bytes_put32(request + 8, protocol_mask(query, sequence));
	memcpy(request + 12, query->secret + 4, 8);
	return HEADER;
}

/* XOR-MAPPED-ADDRESS: the value is XORed with cookie and transaction id. */
static void
describe_mapped(struct protocol_answer *answer, const uint8_t *message,
    const uint8_t *value, size_t length)
{
	struct mh_address mapped = { .family = MH_FAMILY_IPV4 };
	char text[MH_ADDRESS_TEXT];
	size_t i, size = 4;

	if (length == 20 && value[1] == 2) {
		mapped.family = MH_FAMILY_IPV6;
		size = 16;
	} else if (length != 8 || value[1] != 1)
		return;
	mapped.port = (uint16_t)(bytes_get16(value + 2) ^ COOKIE >> 16);
	for (i = 0; i < size; i++)
		mapped.ip[i] = value[4 + i] ^ message[4 + i];
	snprintf(answer->detail, sizeof(answer->detail), "you %s",
	    mh_endpoint_format(&mapped, text, sizeof(text)));
}

static void
describe(struct protocol_answer *answer, const uint8_t *message, size_t length)
{
	const uint8_t *at = message + HEADER, *end = message + length;
	size_t size;

	while (end - at >= 4) {
		size = bytes_get16(at + 2);
		if ((size_t)(end - at) - 4 < size)
			return;
		if (bytes_get16(at) == XOR_MAPPED_ADDRESS)
			describe_mapped(answer, message, at + 4, size);
		else if (bytes_get16(at) == ERROR_CODE && size >= 4)
			snprintf(answer->detail, sizeof(answer->detail),
			    "error %u", (at[6] & 7u) * 100 + at[7]);
		size = (size + 3) / 4 * 4;
		if ((size_t)(end - at) - 4 < size)
			return;
		at += 4 + size;
	}
}

static bool
stun_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	if (length < HEADER ||
	    (bytes_get16(data) != BINDING_SUCCESS &&
		bytes_get16(data) != BINDING_ERROR) ||
	    bytes_get16(data + 2) != length - HEADER ||
	    bytes_get32(data + 4) != COOKIE ||
	    !protocol_is_secret(query, data + 12, 4, 8))
		return false;
	answer->sequence = protocol_mask(query, bytes_get32(data + 8));
	answer->bits = 32;
	describe(answer, data, length);
	return true;
}

const struct protocol protocol_stun = {
	.name = "stun",
	.summary = "RFC 8489: a Binding request",
	.port = 3478,
	.build = stun_build,
	.match = stun_match,
};
