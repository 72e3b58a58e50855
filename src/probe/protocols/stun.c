/* SPDX-License-Identifier: ISC */
/*
 * STUN, RFC 8489: a Binding request; the answer has its transaction id and
 * tells the address it was sent from.
 */
#include "probe/protocols/protocol.h"

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
    const struct ask_question *question, uint32_t sequence, uint8_t *request)
{
	ask_put16(request, BINDING_REQUEST);
	ask_put16(request + 2, 0);
	ask_put32(request + 4, COOKIE);
	ask_put32(request + 8, ask_mask(question, sequence));
	memcpy(request + 12, question->secret + 4, 8);
	return HEADER;
}

/* XOR-MAPPED-ADDRESS: the value is XORed with cookie and transaction id. */
static void
describe_mapped(struct ask_answer *answer, const uint8_t *message,
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
	mapped.port = (uint16_t)(ask_get16(value + 2) ^ COOKIE >> 16);
	for (i = 0; i < size; i++)
		mapped.ip[i] = value[4 + i] ^ message[4 + i];
	snprintf(answer->detail, sizeof(answer->detail), "you %s",
	    mh_endpoint_format(&mapped, text, sizeof(text)));
}

static void
describe(struct ask_answer *answer, const uint8_t *message, size_t length)
{
	const uint8_t *at = message + HEADER, *end = message + length;
	size_t size;

	while (end - at >= 4) {
		size = ask_get16(at + 2);
		if ((size_t)(end - at) - 4 < size)
			return;
		if (ask_get16(at) == XOR_MAPPED_ADDRESS)
			describe_mapped(answer, message, at + 4, size);
		else if (ask_get16(at) == ERROR_CODE && size >= 4)
			snprintf(answer->detail, sizeof(answer->detail),
			    "error %u", (at[6] & 7u) * 100 + at[7]);
		size = (size + 3) / 4 * 4;
		if ((size_t)(end - at) - 4 < size)
			return;
		at += 4 + size;
	}
}

static bool
stun_recognise(const struct ask_question *question, const uint8_t *data,
    size_t length, struct ask_answer *answer)
{
	if (length < HEADER ||
	    (ask_get16(data) != BINDING_SUCCESS &&
		ask_get16(data) != BINDING_ERROR) ||
	    ask_get16(data + 2) != length - HEADER ||
	    ask_get32(data + 4) != COOKIE ||
	    !ask_is_secret(question, data + 12, 4, 8))
		return false;
	answer->sequence = ask_mask(question, ask_get32(data + 8));
	answer->bits = 32;
	describe(answer, data, length);
	return true;
}

const struct ask ask_stun = {
	.name = "stun",
	.summary = "RFC 8489: a Binding request",
	.port = 3478,
	.build = stun_build,
	.recognise = stun_recognise,
};
