/* SPDX-License-Identifier: ISC */
/*
 * Everything is read and written in place.  The transaction id of a classic
 * client includes the four bytes where others have the magic cookie, so these
 * are copied with it.
 */
#include "services/stun_message.h"

#include "common/bytes.h"

#include <string.h>

#define COOKIE UINT32_C(0x2112a442)
#define FINGERPRINT_XOR UINT32_C(0x5354554e)
#define FINGERPRINT_SIZE 8

/* Of an attribute: type and length. */
#define ATTRIBUTE_HEADER 4

/* Attributes from here on may be ignored by those who do not know them. */
#define OPTIONAL 0x8000u

/*
 * The checksum.
 */

void
stun_crc_make(struct stun_crc *crc)
{
	uint32_t byte, value;
	int i;

	for (byte = 0; byte < 256; byte++) {
		value = byte;
		for (i = 0; i < 8; i++)
			value = (value & 1) != 0
			    ? value >> 1 ^ UINT32_C(0xedb88320)
			    : value >> 1;
		crc->tables[0][byte] = value;
	}
	for (byte = 0; byte < 256; byte++)
		for (i = 1; i < 4; i++) {
			value = crc->tables[i - 1][byte];
			crc->tables[i][byte] =
			    value >> 8 ^ crc->tables[0][value & 0xff];
		}
}

uint32_t
stun_crc32(const struct stun_crc *crc, const uint8_t *bytes, size_t length)
{
	uint32_t value = UINT32_MAX;

	for (; length >= 4; length -= 4, bytes += 4) {
		value ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
		    (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
		value = crc->tables[3][value & 0xff] ^
		    crc->tables[2][value >> 8 & 0xff] ^
		    crc->tables[1][value >> 16 & 0xff] ^
		    crc->tables[0][value >> 24];
	}
	for (; length > 0; length--)
		value = value >> 8 ^ crc->tables[0][(value ^ *bytes++) & 0xff];
	return ~value;
}

/*
 * Reading.
 */

/* An attribute in its message. */
struct attribute {
	unsigned int type;
	size_t length;
	const uint8_t *value;
};

/* A walk through the attributes of a message. */
struct walk {
	const uint8_t *at, *end;
	bool after_integrity;
};

static struct walk
walk_begin(const uint8_t *bytes, size_t length)
{
	return (struct walk){ bytes + STUN_HEADER, bytes + length, false };
}

/*
 * The next one; false at the end, which is walk->end unless an attribute
 * overruns the message.
 */
static bool
walk_next(struct walk *walk, struct attribute *attribute)
{
	size_t left = (size_t)(walk->end - walk->at), padded;

	if (left < ATTRIBUTE_HEADER)
		return false;
	attribute->type = bytes_get16(walk->at);
	attribute->length = bytes_get16(walk->at + 2);
	attribute->value = walk->at + ATTRIBUTE_HEADER;
	padded = (attribute->length + 3) & ~(size_t)3;
	if (padded > left - ATTRIBUTE_HEADER)
		return false;
	walk->at += ATTRIBUTE_HEADER + padded;
	return true;
}

/*
 * What follows MESSAGE-INTEGRITY is not protected by it, and does not count
 * (RFC 8489, section 14.5).
 */
static bool
counts(struct walk *walk, const struct attribute *attribute)
{
	if (walk->after_integrity)
		return attribute->type == STUN_FINGERPRINT;
	walk->after_integrity = attribute->type == STUN_MESSAGE_INTEGRITY ||
	    attribute->type == STUN_MESSAGE_INTEGRITY_SHA256;
	return true;
}

/*
 * Must it be understood, and is not?  Those of authentication and of responses
 * are known, though not expected here, and so ignored (RFC 8489, section
 * 6.3.1).  Where a response should go, RESPONSE-ADDRESS, is not for the client
 * to say.
 */
static bool
is_unknown(unsigned int type)
{
	static const uint16_t known[] = { STUN_MAPPED_ADDRESS,
		STUN_CHANGE_REQUEST, 0x0006, STUN_MESSAGE_INTEGRITY,
		STUN_ERROR_CODE, STUN_UNKNOWN_ATTRIBUTES, 0x0014, 0x0015,
		STUN_MESSAGE_INTEGRITY_SHA256, 0x001d, 0x001e,
		STUN_XOR_MAPPED_ADDRESS, STUN_PADDING, STUN_RESPONSE_PORT };
	size_t i;

	if (type >= OPTIONAL)
		return false;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == type)
			return false;
	return true;
}

/* RFC 5780: two bytes; some clients send the padding as part of them. */
static bool
read_response_port(
    struct stun_request *request, const struct attribute *attribute)
{
	if (attribute->length != 2 && attribute->length != 4)
		return false;
	if (!request->has_response_port)
		request->response_port =
		    (uint16_t)bytes_get16(attribute->value);
	request->has_response_port = true;
	return true;
}

/* It is the last attribute, about all bytes before it. */
static enum service_outcome
check_fingerprint(struct stun_request *request, const struct stun_crc *crc,
    const struct attribute *attribute)
{
	const uint8_t *end = request->bytes + request->length;
	uint32_t expected;

	if (attribute->length != 4 || attribute->value + 4 != end)
		return SERVICE_MALFORMED;
	expected = FINGERPRINT_XOR ^
	    stun_crc32(crc, request->bytes, request->length - FINGERPRINT_SIZE);
	/* It merely looks like STUN. */
	if (bytes_get32(attribute->value) != expected)
		return SERVICE_NOT_REQUEST;
	request->has_fingerprint = true;
	return SERVICE_REPLY;
}

/* Of several with the same type the first counts. */
static enum service_outcome
read_attribute(struct stun_request *request, const struct stun_crc *crc,
    const struct attribute *attribute, bool *has_change)
{
	switch (attribute->type) {
	case STUN_CHANGE_REQUEST:
		if (attribute->length != 4)
			return SERVICE_MALFORMED;
		if (!*has_change)
			request->change = bytes_get32(attribute->value) &
			    (STUN_CHANGE_ADDRESS | STUN_CHANGE_PORT);
		*has_change = true;
		return SERVICE_REPLY;
	case STUN_RESPONSE_PORT:
		return read_response_port(request, attribute)
		    ? SERVICE_REPLY
		    : SERVICE_MALFORMED;
	case STUN_PADDING:
		request->has_padding = true;
		return SERVICE_REPLY;
	case STUN_FINGERPRINT:
		return check_fingerprint(request, crc, attribute);
	default:
		if (is_unknown(attribute->type))
			request->has_unknown = true;
		return SERVICE_REPLY;
	}
}

static enum service_outcome
read_attributes(struct stun_request *request, const struct stun_crc *crc)
{
	struct walk walk = walk_begin(request->bytes, request->length);
	enum service_outcome outcome;
	struct attribute attribute;
	bool has_change = false;

	while (walk_next(&walk, &attribute)) {
		if (!counts(&walk, &attribute))
			continue;
		outcome = read_attribute(request, crc, &attribute, &has_change);
		if (outcome != SERVICE_REPLY)
			return outcome;
	}
	return walk.at == walk.end ? SERVICE_REPLY : SERVICE_MALFORMED;
}

enum service_outcome
stun_read(struct stun_request *request, const struct stun_crc *crc,
    const uint8_t *bytes, size_t length)
{
	*request = (struct stun_request){ .bytes = bytes, .length = length };
	/* Indications, responses, other methods; anything but STUN. */
	if (length < STUN_HEADER || bytes_get16(bytes) != STUN_REQUEST)
		return SERVICE_NOT_REQUEST;
	if (length % 4 != 0 || bytes_get16(bytes + 2) != length - STUN_HEADER)
		return SERVICE_MALFORMED;
	request->is_classic = bytes_get32(bytes + 4) != COOKIE;
	return read_attributes(request, crc);
}

/*
 * Writing.
 */

bool
stun_begin(struct stun_response *response, const struct stun_request *request,
    enum stun_type type)
{
	const size_t end = request->has_fingerprint ? FINGERPRINT_SIZE : 0;

	response->request = request;
	if (response->room < STUN_HEADER + end)
		return false;
	response->room -= end;
	bytes_put16(response->bytes, type);
	/* With the cookie, or all of it the id. */
	memcpy(response->bytes + 4, request->bytes + 4, 16);
	response->length = STUN_HEADER;
	return true;
}

/* Append an attribute, with zeros as padding; where its value goes, or NULL. */
static uint8_t *
put(struct stun_response *response, unsigned int type, size_t length)
{
	const size_t padded = (length + 3) & ~(size_t)3;
	uint8_t *at = response->bytes + response->length;

	if (padded + ATTRIBUTE_HEADER > response->room - response->length)
		return NULL;
	bytes_put16(at, type);
	bytes_put16(at + 2, (unsigned int)length);
	if (padded != length)
		memset(at + ATTRIBUTE_HEADER + padded - 4, 0, 4);
	response->length += ATTRIBUTE_HEADER + padded;
	return at + ATTRIBUTE_HEADER;
}

bool
stun_put_endpoint(struct stun_response *response, enum stun_attribute type,
    const struct mh_address *endpoint)
{
	const size_t size = endpoint->family == MH_FAMILY_IPV4 ? 4 : 16;
	uint8_t *value = put(response, type, 4 + size);
	size_t i;

	if (value == NULL)
		return false;
	value[0] = 0;
	value[1] = size == 4 ? 1 : 2;
	bytes_put16(value + 2, endpoint->port);
	memcpy(value + 4, endpoint->ip, size);
	if (type != STUN_XOR_MAPPED_ADDRESS)
		return true;
	/* With the cookie; an IPv6 address also with the transaction id. */
	value[2] ^= response->bytes[4];
	value[3] ^= response->bytes[5];
	for (i = 0; i < size; i++)
		value[4 + i] ^= response->bytes[4 + i];
	return true;
}

bool
stun_put_error(struct stun_response *response, unsigned int code)
{
	uint8_t *value = put(response, STUN_ERROR_CODE, 4);

	if (value != NULL)
		bytes_put32(value, code / 100 << 8 | code % 100);
	return value != NULL;
}

/* The types that have been listed. */
struct listed {
	uint8_t bits[OPTIONAL / 8];
};

static bool
list_first(struct listed *listed, unsigned int type)
{
	uint8_t *at = &listed->bits[type / 8];
	uint8_t bit = (uint8_t)(1u << type % 8);

	if ((*at & bit) != 0)
		return false;
	*at |= bit;
	return true;
}

bool
stun_put_unknown(struct stun_response *response, bool refuses_change,
    bool refuses_response_port)
{
	const struct stun_request *request = response->request;
	struct walk walk = walk_begin(request->bytes, request->length);
	uint8_t *value = put(response, STUN_UNKNOWN_ATTRIBUTES, 0);
	struct listed listed = { .bits = { 0 } };
	struct attribute attribute;
	size_t room, length = 0;

	if (value == NULL)
		return false;
	room = response->room - response->length;
	while (walk_next(&walk, &attribute)) {
		if (!counts(&walk, &attribute) ||
		    !(is_unknown(attribute.type) ||
			(attribute.type == STUN_CHANGE_REQUEST &&
			    refuses_change) ||
			(attribute.type == STUN_RESPONSE_PORT &&
			    refuses_response_port)) ||
		    !list_first(&listed, attribute.type))
			continue;
		/* With its padding. */
		if (((length + 5) & ~(size_t)3) > room)
			return false;
		bytes_put16(value + length, attribute.type);
		length += 2;
	}
	/*
	 * RFC 3489 has no padding: there an odd number ends with one of them
	 * twice.
	 */
	if (length % 4 != 0 && length > 0)
		memcpy(value + length, value + length - 2, 2);
	if (length % 4 != 0 && !request->is_classic)
		memset(value + length, 0, 2);
	bytes_put16(value - 2,
	    (unsigned int)(request->is_classic ? (length + 3) & ~(size_t)3
					       : length));
	response->length += (length + 3) & ~(size_t)3;
	return true;
}

void
stun_put_padding(struct stun_response *response)
{
	const struct stun_request *request = response->request;
	const size_t end = request->has_fingerprint ? FINGERPRINT_SIZE : 0;
	size_t taken = response->length + end + ATTRIBUTE_HEADER, length;
	uint8_t *value;

	if (request->length < taken)
		return;
	length = request->length - taken;
	value = put(response, STUN_PADDING, length);
	if (value != NULL)
		memset(value, 0, length);
}

size_t
stun_end(struct stun_response *response, const struct stun_crc *crc)
{
	uint8_t *bytes = response->bytes;
	uint32_t checksum;
	uint8_t *value;

	bytes_put16(bytes + 2, (unsigned int)(response->length - STUN_HEADER));
	if (!response->request->has_fingerprint)
		return response->length;
	bytes_put16(bytes + 2,
	    (unsigned int)(response->length + FINGERPRINT_SIZE - STUN_HEADER));
	checksum = stun_crc32(crc, bytes, response->length) ^ FINGERPRINT_XOR;
	/* Its room was kept. */
	response->room += FINGERPRINT_SIZE;
	value = put(response, STUN_FINGERPRINT, 4);
	if (value != NULL)
		bytes_put32(value, checksum);
	return response->length;
}
