/* SPDX-License-Identifier: ISC */
/*
 * The self-probe on the wire: how a socket knows a query of this very process,
 * and what it answers.  Who asks when is ops/selfprobe.c's.
 */
#ifndef DAEMON_PATH_SELFPROBE_WIRE_H
#define DAEMON_PATH_SELFPROBE_WIRE_H

#include "platform/reuseport.h"
#include "lib/multihome.h"

#include <string.h>

/* Sockets that queries leave from: loopback of each family, and the rest. */
#define SELFPROBE_SOCKETS_MAX (2 + MH_SOCKETS_MAX)

/*
 * What a query must have: that secret, loopback or the very address it asks as
 * its source, and a port of the self-probe's, which never answers, so that
 * there can be no loop.
 */
struct selfprobe_secret {
	bool asked; /* false: there are no queries */
	uint8_t bytes[HOST_REUSEPORT_SECRET];
	uint16_t ports[SELFPROBE_SOCKETS_MAX]; /* 0: none */
};

/*
 * The query, with the number of the socket that it is for
 * (host_reuseport_number()); and the answer, with that of the worker that got
 * it.  Numbers are in network order.  A socket of any service answers so.
 */
struct selfprobe_message {
	uint8_t secret[HOST_REUSEPORT_SECRET];
	uint8_t number[2];
	uint8_t worker[2];
};

/* Does it carry the secret, in a message of that size? */
static inline bool
selfprobe_has_secret(
    const struct selfprobe_secret *secret, const struct mh_datagram *datagram)
{
	/* Nearly every datagram is told apart by its size alone. */
	return datagram->length == sizeof(struct selfprobe_message) &&
	    secret->asked &&
	    memcmp(datagram->data, secret->bytes, sizeof(secret->bytes)) == 0;
}

/* Is that where queries come from? */
bool selfprobe_is_from_here(
    const struct selfprobe_secret *secret, const struct mh_datagram *request);

/*
 * Is it this process that asks, to see whether its sockets work?  Then no rule
 * about who may ask applies.
 */
static inline bool
selfprobe_is_query(
    const struct selfprobe_secret *secret, const struct mh_datagram *request)
{
	return selfprobe_has_secret(secret, request) &&
	    selfprobe_is_from_here(secret, request);
}

/* Fill in the answer's data and length: this worker got it. */
void selfprobe_answer(struct mh_datagram *reply,
    const struct mh_datagram *request, unsigned int worker);

#endif
