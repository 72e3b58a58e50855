/* SPDX-License-Identifier: ISC */
/*
 * What the IP headers of answers say, besides who sent them: how far they came,
 * and by which class of service.  Pure.
 */
#ifndef PROBE_MARKS_H
#define PROBE_MARKS_H

#include "lib/multihome.h"

/* The codepoints of ECN, RFC 3168: the lower two bits of the TOS. */
enum marks_ecn { MARKS_NOT_ECT, MARKS_ECT1, MARKS_ECT0, MARKS_CE, MARKS_ECNS };

/* All of them, by their number, as nft(8) calls them. */
extern const char *const marks_ecn_names[MARKS_ECNS];

struct marks {
	int16_t ttl;        /* of the last answer; -1: unknown */
	int16_t tos;        /* the same: DSCP and ECN */
	uint32_t congested; /* answers that a router marked CE */
};

/* Of no answer. */
extern const struct marks marks_none;

/* There is an answer. */
void marks_take(struct marks *marks, const struct mh_datagram *answer);

/* "DSCP 46 ECN ect0", for a tos of 0 to 255; returns text. */
#define MARKS_TEXT 32
char *marks_format(unsigned int tos, char text[MARKS_TEXT]);

#endif
