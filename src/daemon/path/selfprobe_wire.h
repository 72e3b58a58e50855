/* SPDX-License-Identifier: ISC */
/*
 * The self-probe on the wire: how a socket recognises a query of this process,
 * and what it replies.  ops/selfprobe.c sends the queries.
 */
#ifndef DAEMON_PATH_SELFPROBE_WIRE_H
#define DAEMON_PATH_SELFPROBE_WIRE_H

#include "lib/multihome.h"
#include "lib/multihome_share.h"

#include <stdatomic.h>
#include <string.h>

/* Sockets that send queries: loopback of each family, and the wildcard's. */
#define SELFPROBE_SOCKETS_MAX (2 + MH_SOCKETS_MAX)

/*
 * What a query must have: the secret; loopback or its own destination as its
 * source address; and one of the self-probe's ports as its source port, which
 * never answers, so that there can be no loop.
 */
struct selfprobe_secret {
	bool enabled; /* false: there are no queries */
	uint8_t bytes[MH_SHARE_SECRET_SIZE];
	_Atomic uint16_t ports[SELFPROBE_SOCKETS_MAX]; /* 0: none */
};

/*
 * The query, with the number of the socket that it is for
 * (mh_share_select()); and the reply, with that of the worker that received it.
 * Numbers are in network order.  The service does not matter.
 */
struct selfprobe_message {
	uint8_t secret[MH_SHARE_SECRET_SIZE];
	uint8_t number[2];
	uint8_t worker[2];
	uint8_t query[4]; /* the sender's, as it was */
};

/* Does it carry the secret, in a message of that size? */
static inline bool
selfprobe_has_secret(
    const struct selfprobe_secret *secret, const struct mh_datagram *datagram)
{
	/* The size alone rules out nearly every other datagram. */
	return datagram->length == sizeof(struct selfprobe_message) &&
	    secret->enabled &&
	    memcmp(datagram->data, secret->bytes, sizeof(secret->bytes)) == 0;
}

/* Does it come from where queries are sent? */
bool selfprobe_is_from_here(
    const struct selfprobe_secret *secret, const struct mh_datagram *request);

/*
 * Is it a query of this process?  Access rules do not apply to those.
 */
static inline bool
selfprobe_is_query(
    const struct selfprobe_secret *secret, const struct mh_datagram *request)
{
	return selfprobe_has_secret(secret, request) &&
	    selfprobe_is_from_here(secret, request);
}

/* Fill in the reply's data and length; worker: the one that replies. */
void selfprobe_reply(struct mh_datagram *reply,
    const struct mh_datagram *request, unsigned int worker);

#endif
