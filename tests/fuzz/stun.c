/* SPDX-License-Identifier: ISC */
/*
 * STUN requests: the first byte says which ends there are and who asks, and
 * whether the second cuts settings off the rest; what is left is the request.
 * A response is well-formed and no request, is about this transaction, comes
 * from an end that exists, and is no longer than the peer may have.  To get
 * anywhere, a FINGERPRINT at the end is made right if the first byte says so.
 */
#include "fuzz.h"

#include "common/bytes.h"
#include "services/stun_message.h"
#include "services/stun_settings.h"
#include "services/table.h"

#include <string.h>

/* Bits of the first byte. */
enum {
	IPV6 = 1,
	NO_OTHER_ADDRESS = 2,
	NO_OTHER_PORT = 4,
	LINK_LOCAL = 8,
	STRANGER = 16,
	FIX_FINGERPRINT = 32,
	SETTINGS = 64
};

static struct mh_address
end_of(unsigned int bits, unsigned int end)
{
	struct mh_address address = { .family = MH_FAMILY_IPV4,
		.ip = { 192, 0, 2, (uint8_t)(1 + end / 2) },
		.port = (uint16_t)(3478 + end % 2) };

	if (((bits & NO_OTHER_ADDRESS) != 0 && end >= SERVICE_OTHER_ADDRESS) ||
	    ((bits & NO_OTHER_PORT) != 0 && end % 2 == 1))
		return (struct mh_address){ .family = MH_FAMILY_NONE };
	if ((bits & IPV6) != 0)
		address = (struct mh_address){ .family = MH_FAMILY_IPV6,
			.ip = { 0x20, 1, 0x0d,
			    0xb8, [15] = (uint8_t)(1 + end / 2) },
			.port = (uint16_t)(3478 + end % 2) };
	if ((bits & (IPV6 | LINK_LOCAL)) == (IPV6 | LINK_LOCAL)) {
		address.ip[0] = 0xfe;
		address.ip[1] = 0x80;
		address.scope = 2;
	}
	return address;
}

/* Every attribute ends where the next begins; FINGERPRINT is right, and last.
 */
static void
check_form(const struct stun_crc *crc, const uint8_t *bytes, size_t length)
{
	size_t at = STUN_HEADER, step;

	REQUIRE(length >= STUN_HEADER && length % 4 == 0);
	REQUIRE(bytes_get16(bytes) == STUN_SUCCESS ||
	    bytes_get16(bytes) == STUN_ERROR);
	REQUIRE(bytes_get16(bytes + 2) == length - STUN_HEADER);
	for (; at < length; at += step) {
		REQUIRE(length - at >= 4);
		step = 4 + ((bytes_get16(bytes + at + 2) + 3) & ~(size_t)3);
		REQUIRE(step <= length - at);
		if (bytes_get16(bytes + at) != STUN_FINGERPRINT)
			continue;
		REQUIRE(at + 8 == length);
		REQUIRE(bytes_get32(bytes + at + 4) ==
		    (stun_crc32(crc, bytes, at) ^ 0x5354554e));
	}
}

static void
fix_fingerprint(const struct stun_crc *crc, uint8_t *bytes, size_t length)
{
	if (length < STUN_HEADER + 8)
		return;
	bytes_put32(bytes + length - 8, 0x80280004);
	bytes_put32(bytes + length - 4,
	    stun_crc32(crc, bytes, length - 8) ^ 0x5354554e);
}

static void
check_reply(const struct mh_datagram *request,
    const struct service_context *context, const struct service_reply *reply,
    const struct stun_crc *crc)
{
	struct service_context again = *context;
	static uint8_t other[MH_SLOT_SIZE];
	struct service_reply back = { .data = other, .room = reply->room };
	struct mh_datagram returned = *request;
	const uint8_t *asked = request->data;

	REQUIRE(reply->length <= reply->room);
	REQUIRE(reply->from < SERVICE_ENDS);
	REQUIRE(reply->from == SERVICE_ASKED ||
	    context->ends[reply->from].family != MH_FAMILY_NONE);
	REQUIRE(reply->to_port == 0 || reply->to_port >= SERVICE_PORT_LEAST);
	REQUIRE(memcmp(asked + 4, (const uint8_t *)reply->data + 4, 16) == 0);
	check_form(crc, reply->data, reply->length);
	/* The same again, and no answer to the answer. */
	REQUIRE(service_stun.answer(request, &again, &back) == SERVICE_REPLY);
	REQUIRE(back.length == reply->length);
	REQUIRE(memcmp(back.data, reply->data, back.length) == 0);
	returned.data = reply->data;
	returned.length = reply->length;
	REQUIRE(service_stun.answer(&returned, &again, &back) ==
	    SERVICE_NOT_REQUEST);
}

static void
ask(struct mh_datagram *request, unsigned int bits,
    const struct stun_settings *settings)
{
	static uint8_t slot[MH_SLOT_SIZE + 1], closed[65536 / 8];
	static struct stun_crc crc;
	struct mh_address ends[SERVICE_ENDS];
	struct service_context context = {
		.settings = settings, .ends = ends, .closed_ports = closed
	};
	const size_t headers = (bits & IPV6) != 0 ? 48 : 28;
	struct service_reply reply = { .data = slot, .room = 65507 };
	size_t size = service_stun.prepare(settings, NULL, 0);
	void *prepared = malloc(size);
	unsigned int i;

	REQUIRE(prepared != NULL);
	REQUIRE(service_stun.prepare(settings, prepared, size) == size);
	context.prepared = prepared;
	stun_crc_make(&crc);
	for (i = 0; i < SERVICE_ENDS; i++)
		ends[i] = end_of(bits, i);
	request->peer = end_of(bits & IPV6, 0);
	request->local = ends[0];
	if ((bits & FIX_FINGERPRINT) != 0)
		fix_fingerprint(&crc, request->data, request->length);
	if ((bits & STRANGER) != 0)
		reply.room = (request->length + headers) *
			((bits & IPV6) != 0 ? service_stun.bound_ipv6
					    : service_stun.bound_ipv4) /
			100 -
		    headers;
	slot[reply.room] = 0xee;
	if (service_stun.answer(request, &context, &reply) == SERVICE_REPLY)
		check_reply(request, &context, &reply, &crc);
	REQUIRE(reply.room > 65507 || slot[reply.room] == 0xee);
	free(prepared);
}

/* A piece of what is left, as text. */
static char *
cut(const uint8_t **data, size_t *size, size_t asked)
{
	const size_t length = asked < *size ? asked : *size;
	char *text = fuzz_text(*data, length);

	*data += length;
	*size -= length;
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stun_settings settings = { .other_port = 0 };
	struct mh_datagram request = { .ttl = -1, .tos = -1 };
	char why[SERVICE_WHY];
	unsigned int bits;
	size_t asked;

	if (size < 2 || size > 60000)
		return 0;
	bits = data[0];
	asked = data[1];
	data += 2;
	size -= 2;
	if ((bits & SETTINGS) != 0) {
		settings.other_address = cut(&data, &size, asked);
		settings.map = cut(&data, &size, asked);
	}
	request.length = size;
	request.data = malloc(size > 0 ? size : 1);
	REQUIRE(request.data != NULL);
	if (size > 0)
		memcpy(request.data, data, size);
	if (service_stun.check(&settings, why) == NULL)
		ask(&request, bits, &settings);
	free(request.data);
	free(settings.other_address);
	free(settings.map);
	return 0;
}
