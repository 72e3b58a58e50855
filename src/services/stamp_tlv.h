/* SPDX-License-Identifier: ISC */
/*
 * The TLVs of STAMP, RFC 8972 and RFC 9503: what a reflector makes of those in
 * a test packet.
 */
#ifndef SERVICES_STAMP_TLV_H
#define SERVICES_STAMP_TLV_H

#include "common/mac.h"
#include "services/service.h"

/* What the TLVs are about, and what came of them. */
struct stamp_tlvs {
	const struct mh_datagram *request;
	const struct service_quality *quality;
	const struct mac_key *key; /* NULL: none */
	bool authenticated;        /* an HMAC TLV is required */
	bool dscp_allowed;         /* the reply may have the DSCP asked for */
	bool stateful;
	uint32_t received, sent; /* of the session, with this one; stateful */
	/* When its reply before this one left, as a timestamp; 0: unknown. */
	uint64_t previous_left;
	const uint8_t *sequence;       /* four bytes: of the request; */
	const uint8_t *reply_sequence; /* of the reply */
	/* What came of them. */
	int16_t tos;               /* to send with; -1: as without them */
	unsigned int unrecognized; /* TLVs with flag U */
	unsigned int malformed;    /* with flag M */
	bool not_authentic;        /* with flag I, all of them */
	bool follows_up;           /* the next one may ask when this one left */
};

/*
 * Answer the TLVs of a packet in place: length bytes, copied from the request.
 * Neither the order nor any length changes.
 */
void stamp_tlv_reflect(struct stamp_tlvs *tlvs, uint8_t *bytes, size_t length);

#endif
