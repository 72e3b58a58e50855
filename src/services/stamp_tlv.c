/* SPDX-License-Identifier: ISC */
/*
 * The TLVs of STAMP.  There is no padding between them, and what is shorter
 * than the head of a TLV at the end is no TLV.
 */
#include "services/stamp_tlv.h"

#include "common/bytes.h"

#include <string.h>

/* Flags, type, length of the value; then the value. */
#define HEAD 4

enum flag { FLAG_U = 0x80, FLAG_M = 0x40, FLAG_I = 0x20 };

enum type {
	EXTRA_PADDING = 1,
	LOCATION,
	TIMESTAMP_INFORMATION,
	CLASS_OF_SERVICE,
	DIRECT_MEASUREMENT,
	ACCESS_REPORT,
	FOLLOW_UP,
	HMAC_TLV,
	DESTINATION_NODE
};

/* In a Location TLV: what is asked for, and what is answered. */
enum location {
	SOURCE_MAC = 1,
	SOURCE_EUI_64 = 3,
	DESTINATION_IP = 4,
	DESTINATION_IPV4,
	DESTINATION_IPV6,
	SOURCE_IP,
	SOURCE_IPV4,
	SOURCE_IPV6
};

/* RFC 8972, tables 7 and 9. */
enum synchronisation { BY_NTP = 1, FREE_RUNNING = 5 };
enum method { SOFTWARE_LOCAL = 2, CONTROL_PLANE };

/* What became of a TLV. */
enum outcome { GOOD = 0, UNRECOGNIZED = FLAG_U, MALFORMED = FLAG_M };

struct walk {
	uint8_t *at;
	size_t left;
};

static size_t
value_length(const uint8_t *tlv)
{
	return bytes_get16(tlv + 2);
}

/* The next TLV; NULL at the end.  Its value may reach beyond that. */
static uint8_t *
next(struct walk *walk)
{
	uint8_t *tlv = walk->at;
	size_t size;

	if (walk->left < HEAD)
		return NULL;
	size = HEAD + value_length(tlv);
	if (size > walk->left)
		size = walk->left;
	walk->at += size;
	walk->left -= size;
	return tlv;
}

/* Does the value of the TLV reach beyond the end?  It was the last then. */
static bool
overruns(const struct walk *walk, const uint8_t *tlv)
{
	return (size_t)(walk->at - tlv) < HEAD + value_length(tlv);
}

/* An address in 16 octets, and the type that says which family it is. */
static void
put_address(uint8_t *tlv, enum location ipv4, const struct mh_address *address)
{
	bool is_ipv6 = address->family == MH_FAMILY_IPV6;

	tlv[1] = (uint8_t)(ipv4 + is_ipv6);
	memcpy(tlv + HEAD, address->ip, 16);
}

static enum outcome
reflect_location_part(const struct stamp_tlvs *tlvs, uint8_t *tlv)
{
	const struct mh_datagram *request = tlvs->request;
	size_t expected = tlv[1] == SOURCE_MAC ? 8 : 16;

	if (tlv[1] != SOURCE_MAC && tlv[1] != DESTINATION_IP &&
	    tlv[1] != SOURCE_IP)
		return UNRECOGNIZED;
	if (value_length(tlv) != expected)
		return MALFORMED;
	if (tlv[1] == DESTINATION_IP)
		put_address(tlv, DESTINATION_IPV4, &request->local);
	else if (tlv[1] == SOURCE_IP)
		put_address(tlv, SOURCE_IPV4, &request->peer);
	else {
		/* A UDP socket does not know it: as if there were none. */
		tlv[1] = SOURCE_EUI_64;
		memset(tlv + HEAD, 0, expected);
	}
	return GOOD;
}

static enum outcome
reflect_location(struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	struct walk walk = { value + 4, length - 4 };
	enum outcome outcome;
	uint8_t *tlv;

	bytes_put16(value, tlvs->request->local.port);
	bytes_put16(value + 2, tlvs->request->peer.port);
	while ((tlv = next(&walk)) != NULL) {
		if (overruns(&walk, tlv))
			outcome = MALFORMED;
		else
			outcome = reflect_location_part(tlvs, tlv);
		tlv[0] = (uint8_t)outcome;
		if (outcome == MALFORMED)
			break;
	}
	return GOOD;
}

/*
 * adjtimex(2) does not say by what the clock is set; nearly always by NTP.  The
 * arrival was stamped by the kernel if it was stamped.
 */
static enum outcome
reflect_timestamp_information(
    struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	uint8_t source = tlvs->quality->synchronised ? BY_NTP : FREE_RUNNING;

	(void)length;
	value[0] = value[2] = source;
	value[1] =
	    tlvs->request->arrived_ns != 0 ? SOFTWARE_LOCAL : CONTROL_PLANE;
	value[3] = SOFTWARE_LOCAL;
	return GOOD;
}

/*
 * DSCP1, which the reply is to have; DSCP2 and ECN, which the request had; RP:
 * it does not have that one.  With several such TLVs the first one decides.
 */
static enum outcome
reflect_class_of_service(struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	unsigned int dscp1 = value[0] >> 2;
	unsigned int tos =
	    tlvs->request->tos >= 0 ? (unsigned int)tlvs->request->tos : 0;
	unsigned int refused = !tlvs->dscp_allowed ||
	    (tlvs->tos >= 0 && (unsigned int)tlvs->tos != dscp1 << 2);

	(void)length;
	/* Six bits, six bits, two, two, and 16 that are reserved. */
	bytes_put32(value,
	    (uint32_t)dscp1 << 26 | (uint32_t)tos << 18 |
		(uint32_t)refused << 16);
	if (tlvs->tos < 0)
		tlvs->tos = (int16_t)(refused ? tos & 0xfc : dscp1 << 2);
	return GOOD;
}

/* All packets of the session are "in profile". */
static enum outcome
reflect_direct_measurement(
    struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	(void)length;
	if (!tlvs->stateful)
		return UNRECOGNIZED;
	bytes_put32(value + 4, tlvs->received);
	bytes_put32(value + 8, tlvs->sent);
	return GOOD;
}

/* It reports to whoever steers access networks; here is nobody. */
static enum outcome
reflect_access_report(struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	unsigned int id = value[0] >> 4;

	(void)tlvs;
	(void)length;
	return id == 1 || id == 2 ? GOOD : UNRECOGNIZED;
}

/*
 * The sequence number of the session's previous reply, and when the system sent
 * it; zero is what says nothing, and all that a stateless reflector says.
 */
static enum outcome
reflect_follow_up(struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	memset(value, 0, length);
	if (!tlvs->stateful)
		return GOOD;
	tlvs->follows_up = true;
	if (tlvs->sent > 1)
		bytes_put32(value, tlvs->sent - 2);
	bytes_put64(value + 4, tlvs->previous_left);
	value[12] = tlvs->previous_left != 0 ? SOFTWARE_LOCAL : 0;
	return GOOD;
}

/*
 * The node that the packet is for.  Understood means that the reply comes from
 * that address (RFC 9503, section 3), so only the address asked can be.
 */
static enum outcome
reflect_destination_node(struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	const struct mh_address *local = &tlvs->request->local;
	size_t expected = local->family == MH_FAMILY_IPV4 ? 4 : 16;

	return local->family != MH_FAMILY_NONE && length == expected &&
		memcmp(value, local->ip, length) == 0
	    ? GOOD
	    : UNRECOGNIZED;
}

static enum outcome
reflect_as_it_is(struct stamp_tlvs *tlvs, uint8_t *value, size_t length)
{
	(void)tlvs;
	(void)value;
	(void)length;
	return GOOD;
}

/* The types that are understood, and the lengths that they can have. */
static const struct rule {
	enum outcome (*reflect)(
	    struct stamp_tlvs *tlvs, uint8_t *value, size_t length);
	size_t least, most;
	size_t other; /* another valid length; 0: none */
} rules[] = {
	[EXTRA_PADDING] = { reflect_as_it_is, 0, UINT16_MAX, 0 },
	[LOCATION] = { reflect_location, 4, UINT16_MAX, 0 },
	[TIMESTAMP_INFORMATION] = { reflect_timestamp_information, 4,
	    UINT16_MAX, 0 },
	[CLASS_OF_SERVICE] = { reflect_class_of_service, 4, 4, 0 },
	[DIRECT_MEASUREMENT] = { reflect_direct_measurement, 12, 12, 0 },
	[ACCESS_REPORT] = { reflect_access_report, 4, 4, 0 },
	[FOLLOW_UP] = { reflect_follow_up, 16, 16, 0 },
	/* Its digest is replaced when all TLVs before it are as they leave. */
	[HMAC_TLV] = { reflect_as_it_is, MAC_SIZE, MAC_SIZE, 0 },
	[DESTINATION_NODE] = { reflect_destination_node, 4, 4, 16 },
};

static enum outcome
reflect(struct stamp_tlvs *tlvs, uint8_t *tlv)
{
	const size_t length = value_length(tlv);
	const struct rule *rule;

	if (tlv[1] >= sizeof(rules) / sizeof(rules[0]))
		return UNRECOGNIZED;
	rule = &rules[tlv[1]];
	if (rule->reflect == NULL)
		return UNRECOGNIZED;
	if ((length < rule->least || length > rule->most) &&
	    (rule->other == 0 || length != rule->other))
		return MALFORMED;
	return rule->reflect(tlvs, tlv + HEAD, length);
}

/* Erratum 8339: zeroed all the same. */
static void
clear_malformed(uint8_t *tlv, size_t size)
{
	if (tlv[1] == FOLLOW_UP)
		memset(tlv + HEAD, 0, size - HEAD);
}

static void
reflect_all(struct stamp_tlvs *tlvs, uint8_t *bytes, size_t length)
{
	struct walk walk = { bytes, length };
	enum outcome outcome;
	uint8_t *tlv;

	while ((tlv = next(&walk)) != NULL) {
		outcome = overruns(&walk, tlv) ? MALFORMED : reflect(tlvs, tlv);
		tlv[0] = (uint8_t)outcome;
		tlvs->unrecognized += outcome == UNRECOGNIZED;
		if (outcome != MALFORMED)
			continue;
		/* What follows cannot be told apart any more: as it came. */
		tlvs->malformed++;
		clear_malformed(tlv, (size_t)(walk.at - tlv));
		return;
	}
}

/* What the packet has for its protection. */
struct protection {
	uint8_t *hmac;  /* the first HMAC TLV; NULL: none */
	bool misplaced; /* something but Extra Padding follows it */
	unsigned int tlvs, paddings;
};

static struct protection
find_protection(uint8_t *bytes, size_t length)
{
	struct protection found = { .hmac = NULL };
	struct walk walk = { bytes, length };
	uint8_t *tlv;

	while ((tlv = next(&walk)) != NULL) {
		found.tlvs++;
		found.paddings += tlv[1] == EXTRA_PADDING;
		if (found.hmac != NULL)
			found.misplaced |= tlv[1] != EXTRA_PADDING;
		else if (tlv[1] == HMAC_TLV && !overruns(&walk, tlv))
			found.hmac = tlv;
	}
	return found;
}

/* Over the sequence number of the packet and all TLVs before this one. */
static void
digest(const struct stamp_tlvs *tlvs, const uint8_t *sequence,
    const uint8_t *bytes, const uint8_t *hmac, uint8_t result[MAC_SIZE])
{
	mac_digest(tlvs->key, sequence, bytes, (size_t)(hmac - bytes), result);
}

static bool
is_authentic(const struct stamp_tlvs *tlvs, const uint8_t *bytes,
    const struct protection *protection)
{
	const uint8_t *hmac = protection->hmac;
	uint8_t expected[MAC_SIZE];

	/* One Extra Padding alone has nothing to protect. */
	if (hmac == NULL)
		return !tlvs->authenticated ||
		    (protection->tlvs <= 1 &&
			protection->tlvs == protection->paddings);
	if (protection->misplaced || tlvs->key == NULL ||
	    value_length(hmac) != MAC_SIZE)
		return false;
	digest(tlvs, tlvs->sequence, bytes, hmac, expected);
	return mac_is_same(expected, hmac + HEAD);
}

/* None of them is used: all as they came, with the flag that says so. */
static void
reject_all(uint8_t *bytes, size_t length)
{
	struct walk walk = { bytes, length };
	uint8_t *tlv;

	while ((tlv = next(&walk)) != NULL)
		tlv[0] = (tlv[0] & FLAG_U) | FLAG_I;
}

void
stamp_tlv_reflect(struct stamp_tlvs *tlvs, uint8_t *bytes, size_t length)
{
	struct protection protection = find_protection(bytes, length);
	const uint8_t *hmac = protection.hmac;

	if (!is_authentic(tlvs, bytes, &protection)) {
		tlvs->not_authentic = true;
		reject_all(bytes, length);
		return;
	}
	reflect_all(tlvs, bytes, length);
	/* After a malformed one, too: whoever reads that should believe it. */
	if (hmac != NULL)
		digest(tlvs, tlvs->reply_sequence, bytes, hmac,
		    protection.hmac + HEAD);
}
