/* SPDX-License-Identifier: ISC */
/*
 * STAMP, RFC 8762 and RFC 8972: the reflector repeats the sender's sequence
 * number and timestamp; the timestamp is a nonce here, which its error estimate
 * says.  TWAMP-Light reflectors (RFC 5357 appendix I) are understood as well.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"
#include "common/strbuf.h"

#include <string.h>

#define REFLECTED 41 /* what TWAMP-Light sends at least */
#define SSID 14      /* without a signature; and the part of the secret */

/* In a signed packet: over all octets before it. */
#define SIGNATURE 96

/* Where the fields are: without a signature, and with one. */
static const struct layout {
	int size;
	size_t timestamp, error, ssid;
	size_t receive_timestamp, sender_sequence, sender_timestamp, sender_ttl;
} layouts[] = {
	{ 44, 4, 12, 14, 16, 24, 28, 40 },
	{ 112, 16, 24, 26, 32, 48, 64, 80 },
};

/* S, and Z: the format of PTP. */
enum estimate { SYNCHRONISED = 0x8000, PTP = 0x4000 };

/* Nothing is known of the error: the largest, of a clock that is not set. */
#define ERROR_UNKNOWN 0x3fff

/* TLVs: flags, type, length; then the value. */
#define HEAD 4

enum flag { UNRECOGNIZED = 0x80, MALFORMED = 0x40, NOT_AUTHENTIC = 0x20 };

enum type {
	EXTRA_PADDING = 1,
	LOCATION,
	TIMESTAMP_INFORMATION,
	CLASS_OF_SERVICE,
	DIRECT_MEASUREMENT,
	HMAC = 8,
	DESTINATION_NODE
};

/* What is asked for, and the answers to it. */
enum location {
	DESTINATION_IP = 4,
	DESTINATION_IPV4,
	DESTINATION_IPV6,
	SOURCE_IP,
	SOURCE_IPV4,
	SOURCE_IPV6
};

/* The authenticated mode; in the other one only TLVs can be signed. */
static bool
is_signed(const struct protocol_query *query)
{
	return query->key != NULL && (query->tlvs & PROTOCOL_TLV_HMAC) == 0;
}

static const struct layout *
layout_of(const struct protocol_query *query)
{
	return &layouts[is_signed(query)];
}

/* Begin a TLV at the end of what is written; returns its value, all zero. */
static uint8_t *
add_tlv(uint8_t **end, enum type type, size_t length)
{
	uint8_t *tlv = *end;

	tlv[0] = UNRECOGNIZED;
	tlv[1] = (uint8_t)type;
	bytes_put16(tlv + 2, (unsigned int)length);
	memset(tlv + HEAD, 0, length);
	*end += HEAD + length;
	return tlv + HEAD;
}

/* What is asked for, in the order of the types. */
static void
add_questions(const struct protocol_query *query, uint8_t **end)
{
	const size_t address = query->peer.family == MH_FAMILY_IPV4 ? 4 : 16;
	uint8_t *value, *inner;

	if ((query->tlvs & PROTOCOL_TLV_LOCATION) != 0) {
		value = add_tlv(end, LOCATION, 4 + 2 * (HEAD + 16));
		inner = value + 4;
		add_tlv(&inner, (enum type)DESTINATION_IP, 16);
		add_tlv(&inner, (enum type)SOURCE_IP, 16);
	}
	if ((query->tlvs & PROTOCOL_TLV_TIME) != 0)
		add_tlv(end, TIMESTAMP_INFORMATION, 4);
	if ((query->tlvs & PROTOCOL_TLV_COS) != 0)
		*add_tlv(end, CLASS_OF_SERVICE, 4) =
		    (uint8_t)(query->dscp << 2);
	if ((query->tlvs & PROTOCOL_TLV_DIRECT) != 0)
		add_tlv(end, DIRECT_MEASUREMENT, 12);
	if ((query->tlvs & PROTOCOL_TLV_NODE) != 0)
		memcpy(add_tlv(end, DESTINATION_NODE, address), query->peer.ip,
		    address);
}

/* Over the sequence number and the TLVs before it. */
static void
add_hmac(const struct protocol_query *query, const uint8_t *packet,
    const uint8_t *tlvs, uint8_t **end)
{
	size_t length = (size_t)(*end - tlvs);

	mac_digest(
	    query->key, packet, tlvs, length, add_tlv(end, HMAC, MAC_SIZE));
}

static void
put_base(const struct protocol_query *query, const struct layout *layout,
    uint32_t sequence, uint8_t *packet)
{
	memset(packet, 0, (size_t)layout->size);
	bytes_put32(packet, sequence);
	memcpy(packet + layout->timestamp, query->secret, 8);
	bytes_put16(packet + layout->error, ERROR_UNKNOWN);
	/* Not zero: a session of its own. */
	bytes_put16(
	    packet + layout->ssid, bytes_get16(query->secret + SSID) | 1);
	if (is_signed(query))
		mac_digest(
		    query->key, NULL, packet, SIGNATURE, packet + SIGNATURE);
}

static int
stamp_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	const struct layout *layout = layout_of(query);
	uint8_t *tlvs = request + layout->size, *end = tlvs;
	size_t rest;

	put_base(query, layout, sequence, request);
	add_questions(query, &end);
	if (query->key != NULL && query->tlvs != 0)
		add_hmac(query, request, tlvs, &end);
	if (query->size < 0 || query->size == end - request)
		return (int)(end - request);
	if (query->size < end - request)
		return PROTOCOL_WRONG_SIZE;
	rest = (size_t)(query->size - (end - request));
	memset(end, 0, rest);
	/* Less than the head of a TLV is none. */
	if (rest >= HEAD)
		add_tlv(&end, EXTRA_PADDING, rest - HEAD);
	return query->size;
}

/* A timestamp as UTC: nanoseconds since 1970, until 2106; 0: there is none. */
static int64_t
utc_of(const uint8_t *timestamp, bool ptp)
{
	uint32_t seconds = bytes_get32(timestamp);
	uint32_t fraction = bytes_get32(timestamp + 4);

	if (seconds == 0 && fraction == 0)
		return 0;
	if (ptp)
		return seconds * INT64_C(1000000000) + fraction;
	return (uint32_t)(seconds - 2208988800) * INT64_C(1000000000) +
	    (int64_t)((uint64_t)fraction * 1000000000 >> 32);
}

/* RFC 4656: multiplier * 2^(scale - 32) seconds. */
static uint64_t
error_of(unsigned int estimate)
{
	unsigned int scale = estimate >> 8 & 0x3f;

	/* More than anybody could make use of: as long as an hour. */
	if (scale > 36)
		return UINT64_C(3600000000000);
	/* 10^9 / 2^32 is 5^9 / 2^23; no more than 44 bits are multiplied. */
	return (((uint64_t)(estimate & 0xff) << scale) >> 8) * 1953125 >> 15;
}

static void
read_times(const struct layout *layout, const uint8_t *data,
    struct protocol_reflection *reflection)
{
	unsigned int estimate = bytes_get16(data + layout->error);
	bool ptp = (estimate & PTP) != 0;

	reflection->arrived_ns = utc_of(data + layout->receive_timestamp, ptp);
	reflection->left_ns = utc_of(data + layout->timestamp, ptp);
	reflection->synchronised = (estimate & SYNCHRONISED) != 0;
	reflection->error_ns = error_of(estimate);
	reflection->numbered = true;
	reflection->number = bytes_get32(data);
}

/* An address of a Location TLV; what is not answered leaves it as it is. */
static void
read_location(struct mh_address ends[2], const uint8_t *part)
{
	const bool is_source = part[1] >= SOURCE_IP;
	struct mh_address *end = &ends[!is_source];

	if ((part[0] & (UNRECOGNIZED | MALFORMED)) != 0)
		return;
	if (part[1] == DESTINATION_IPV4 || part[1] == SOURCE_IPV4)
		end->family = MH_FAMILY_IPV4;
	else if (part[1] == DESTINATION_IPV6 || part[1] == SOURCE_IPV6)
		end->family = MH_FAMILY_IPV6;
	else
		return;
	memcpy(end->ip, part + HEAD, end->family == MH_FAMILY_IPV4 ? 4 : 16);
}

/* The source first: whom the reflector sees, and whom they ask. */
static void
print_location(struct strbuf *text, const uint8_t *value, size_t length)
{
	struct mh_address ends[2] = { { .port = 0 } };
	char name[2][MH_ADDRESS_TEXT];
	size_t at, size;

	ends[0].port = (uint16_t)bytes_get16(value + 2);
	ends[1].port = (uint16_t)bytes_get16(value);
	for (at = 4; length - at >= HEAD + 16; at += size) {
		size = HEAD + bytes_get16(value + at + 2);
		if (size != HEAD + 16)
			break;
		read_location(ends, value + at);
	}
	strbuf_print(text, ", sees %s ask %s",
	    mh_endpoint_format(&ends[0], name[0], sizeof(name[0])),
	    mh_endpoint_format(&ends[1], name[1], sizeof(name[1])));
}

static void
print_class(struct strbuf *text, const uint8_t *value)
{
	uint32_t bits = bytes_get32(value);

	strbuf_print(text, ", DSCP %u and ECN %u there%s",
	    (unsigned int)(bits >> 20 & 0x3f), (unsigned int)(bits >> 18 & 3),
	    (bits >> 16 & 3) != 0 ? ", no DSCP of ours back" : "");
}

static const char *
source_name(uint8_t source)
{
	static const char *const names[] = { "unknown", "NTP", "PTP",
		"SSU/BITS", "GNSS", "nobody" };

	return names[source < sizeof(names) / sizeof(names[0]) ? source : 0];
}

/* What one of ours came back with. */
static void
print_tlv(
    struct strbuf *text, const uint8_t *tlv, struct protocol_answer *answer)
{
	const size_t length = bytes_get16(tlv + 2);
	const uint8_t *value = tlv + HEAD;
	const bool good = (tlv[0] & UNRECOGNIZED) == 0;

	if (tlv[1] == DESTINATION_NODE)
		strbuf_print(text, ", %s its address",
		    good ? "confirms" : "does not know");
	else if (!good)
		strbuf_print(text, ", does not know TLV %u", tlv[1]);
	else if (tlv[1] == LOCATION && length >= 4)
		print_location(text, value, length);
	else if (tlv[1] == CLASS_OF_SERVICE && length == 4)
		print_class(text, value);
	else if (tlv[1] == TIMESTAMP_INFORMATION && length >= 4)
		strbuf_print(text, ", clock set by %s", source_name(value[0]));
	else if (tlv[1] == DIRECT_MEASUREMENT && length == 12) {
		answer->reflection.counts = true;
		strbuf_print(text, ", received %lu and sent %lu",
		    (unsigned long)bytes_get32(value + 4),
		    (unsigned long)bytes_get32(value + 8));
	}
}

/* What is known of the signature that the TLVs need. */
struct proof {
	bool good;  /* so far */
	bool found; /* what follows is not covered by it */
};

/* Take the next TLV into account; is it the signature? */
static bool
take_proof(struct proof *proof, const struct protocol_query *query,
    const uint8_t *data, const uint8_t *tlv)
{
	const uint8_t *first = data + layout_of(query)->size;
	uint8_t digest[MAC_SIZE];

	if (query->key == NULL)
		return false;
	if (proof->found) {
		/* RFC 8972, section 4.8: only padding may be there. */
		proof->good = proof->good && tlv[1] == EXTRA_PADDING;
		return false;
	}
	if (tlv[1] != HMAC || bytes_get16(tlv + 2) != MAC_SIZE)
		return false;
	mac_digest(query->key, data, first, (size_t)(tlv - first), digest);
	proof->good = mac_is_same(digest, tlv + HEAD);
	proof->found = true;
	return true;
}

/* What follows the base packet, unless nothing was asked for. */
static void
read_tlvs(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer, struct strbuf *text)
{
	const uint8_t *tlv = data + layout_of(query)->size;
	const uint8_t *end = data + length;
	struct proof proof = { .good = query->key == NULL };

	for (; end - tlv >= HEAD &&
	     (size_t)(end - tlv) >= HEAD + (size_t)bytes_get16(tlv + 2);
	     tlv += HEAD + bytes_get16(tlv + 2)) {
		if ((tlv[0] & (MALFORMED | NOT_AUTHENTIC)) != 0) {
			strbuf_print(text, ", says TLVs are %s",
			    (tlv[0] & MALFORMED) != 0 ? "malformed"
						      : "not authentic");
			return;
		}
		if (!take_proof(&proof, query, data, tlv))
			print_tlv(text, tlv, answer);
	}
	if (!proof.good)
		strbuf_print(text, ", TLVs not authentic");
}

/* Is it signed, if it has to be? */
static bool
is_authentic(
    const struct protocol_query *query, const uint8_t *data, size_t length)
{
	uint8_t digest[MAC_SIZE];

	if (!is_signed(query))
		return true;
	if (length < SIGNATURE + MAC_SIZE)
		return false;
	mac_digest(query->key, NULL, data, SIGNATURE, digest);
	return mac_is_same(digest, data + SIGNATURE);
}

static bool
stamp_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	const struct layout *layout = layout_of(query);
	struct strbuf text =
	    strbuf_over(answer->detail, sizeof(answer->detail));

	if (length < REFLECTED || !is_authentic(query, data, length) ||
	    !protocol_is_secret(query, data + layout->sender_timestamp, 0, 8))
		return false;
	answer->sequence = bytes_get32(data + layout->sender_sequence);
	answer->bits = 32;
	read_times(layout, data, &answer->reflection);
	strbuf_print(&text,
	    "reflected with sequence %lu, TTL at the reflector %u",
	    (unsigned long)bytes_get32(data), data[layout->sender_ttl]);
	if (query->tlvs != 0 && length >= (size_t)layout->size + HEAD)
		read_tlvs(query, data, length, answer, &text);
	else if (query->tlvs != 0)
		strbuf_print(&text, ", without TLVs");
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
