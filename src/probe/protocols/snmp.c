/* SPDX-License-Identifier: ISC */
/*
 * SNMPv3 discovery, RFC 3414 section 4: a request without user or engine is
 * answered by a report with the engine's id, whatever the agent's users are.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"
#include "common/hex.h"

#include <string.h>

enum {
	INTEGER = 0x02,
	OCTETS = 0x04,
	SEQUENCE = 0x30,
	RESPONSE = 0xa2,
	REPORT = 0xa8
};

#define MESSAGE_ID 9 /* where its four bytes are in the request */
#define REQUEST_ID 52

/* A get request; zeros where the ids go. */
static const uint8_t discovery[] = {
	SEQUENCE, 62,                            /* message */
	INTEGER, 1, 3,                           /* version 3 */
	SEQUENCE, 17,                            /* header */
	INTEGER, 4, 0, 0, 0, 0,                  /* message id */
	INTEGER, 3, 0x00, 0xff, 0xe3,            /* largest answer: 65507 */
	OCTETS, 1, 0x04,                         /* flags: reportable */
	INTEGER, 1, 3,                           /* user-based security */
	OCTETS, 16, SEQUENCE, 14,                /* its parameters */
	OCTETS, 0, INTEGER, 1, 0, INTEGER, 1, 0, /* engine: id, boots, time */
	OCTETS, 0, OCTETS, 0, OCTETS, 0,         /* user and digests */
	SEQUENCE, 20,                            /* scoped PDU */
	OCTETS, 0, OCTETS, 0,                    /* context */
	0xa0, 14,                                /* get */
	INTEGER, 4, 0, 0, 0, 0,                  /* request id */
	INTEGER, 1, 0, INTEGER, 1, 0,            /* error status, index */
	SEQUENCE, 0,                             /* variables: none */
};

/* Ids are from 0 to 2^31 - 1. */
static uint32_t
message_id(const struct protocol_query *query, uint32_t sequence)
{
	return protocol_mask(query, sequence) & INT32_MAX;
}

static int
snmp_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	memcpy(request, discovery, sizeof(discovery));
	bytes_put32(request + MESSAGE_ID, message_id(query, sequence));
	bytes_put32(request + REQUEST_ID, message_id(query, sequence));
	return sizeof(discovery);
}

/* Encoded elements, X.690, one after the other. */
struct elements {
	const uint8_t *at, *end;
};

/* Step over the next one, of that kind; its contents in *inner. */
static bool
next(struct elements *elements, uint8_t kind, struct elements *inner)
{
	size_t left = (size_t)(elements->end - elements->at), length, bytes;
	const uint8_t *at = elements->at;

	if (left < 2 || at[0] != kind)
		return false;
	length = at[1];
	at += 2;
	left -= 2;
	if (length >= 0x80) {
		bytes = length & 0x7f;
		if (bytes == 0 || bytes > 4 || bytes > left)
			return false;
		for (length = 0, left -= bytes; bytes > 0; bytes--)
			length = length << 8 | *at++;
	}
	if (length > left)
		return false;
	*inner = (struct elements){ at, at + length };
	elements->at = at + length;
	return true;
}

static bool
next_integer(struct elements *elements, uint32_t *number)
{
	struct elements inner;

	if (!next(elements, INTEGER, &inner) || inner.end == inner.at ||
	    inner.end - inner.at > 5)
		return false;
	for (*number = 0; inner.at < inner.end; inner.at++)
		*number = *number << 8 | *inner.at;
	return true;
}

/* What is in the security parameters: the engine's id. */
static void
describe(struct elements security, struct protocol_answer *answer)
{
	struct elements parameters, engine;
	struct strbuf detail =
	    strbuf_over(answer->detail, sizeof(answer->detail));

	if (!next(&security, SEQUENCE, &parameters) ||
	    !next(&parameters, OCTETS, &engine) || engine.at == engine.end)
		return;
	strbuf_print(&detail, "engine ");
	hex_print(&detail, engine.at, (size_t)(engine.end - engine.at), "");
}

static bool
is_answer(struct elements scoped)
{
	struct elements pdu, inner;

	return next(&scoped, SEQUENCE, &pdu) && next(&pdu, OCTETS, &inner) &&
	    next(&pdu, OCTETS, &inner) &&
	    (next(&pdu, REPORT, &inner) || next(&pdu, RESPONSE, &inner));
}

static bool
snmp_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	struct elements all = { data, data + length }, message, header,
			security;
	uint32_t version, id;

	if (!next(&all, SEQUENCE, &message) ||
	    !next_integer(&message, &version) || version != 3 ||
	    !next(&message, SEQUENCE, &header) || !next_integer(&header, &id) ||
	    !next(&message, OCTETS, &security) || !is_answer(message))
		return false;
	answer->sequence = protocol_mask(query, id) & INT32_MAX;
	answer->bits = 31;
	describe(security, answer);
	return true;
}

const struct protocol protocol_snmp = {
	.name = "snmp",
	.summary = "RFC 3414: version 3 engine discovery",
	.port = 161,
	.build = snmp_build,
	.match = snmp_match,
};
