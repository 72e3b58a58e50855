/* SPDX-License-Identifier: ISC */
/*
 * Where the fields of STAMP's packets are: RFC 8762, sections 4.2 and 4.3, and
 * the SSID of RFC 8972.
 */
#ifndef SERVICES_STAMP_LAYOUT_H
#define SERVICES_STAMP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

/* The least that TWAMP-Light senders send: no SSID and no padding. */
#define STAMP_SHORTEST 14

/* In the authenticated mode: the digest of all octets before it. */
#define STAMP_HMAC 96

struct stamp_layout {
	size_t size;  /* of the base packet; TLVs follow */
	size_t least; /* the shortest request */
	/* Of both directions.  The sequence number is in front. */
	size_t timestamp, error, ssid;
	/* Of replies. */
	size_t receive_timestamp, sender_sequence, sender_timestamp;
	size_t sender_error, sender_ttl;
};

/* Either mode's. */
static inline const struct stamp_layout *
stamp_layout(bool authenticated)
{
	static const struct stamp_layout layouts[] = {
		{ 44, STAMP_SHORTEST, 4, 12, 14, 16, 24, 28, 36, 40 },
		{ 112, 112, 16, 24, 26, 32, 48, 64, 72, 80 },
	};

	return &layouts[authenticated];
}

#endif
