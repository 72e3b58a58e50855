/* SPDX-License-Identifier: ISC */
/*
 * Step 3 of the datagram's way: may it pass?  Pure; every verdict but PASS is
 * counted under its name.
 */
#ifndef DAEMON_GUARD_H
#define DAEMON_GUARD_H

#include "lib/multihome.h"

/*
 * What becomes of a datagram.  The first group is the guard's, before and
 * after the service; the second is what sending can meet.
 */
enum verdict {
	PASS,
	DROP_TRUNCATED,          /* larger than any datagram can be */
	DROP_SOURCE_PORT_0,      /* nobody could get the answer */
	DROP_SOURCE_UNSPECIFIED, /* from 0.0.0.0/8 or :: */
	DROP_SOURCE_MULTICAST,   /* from a group */
	DROP_SOURCE_BROADCAST,   /* from a broadcast address */
	DROP_OWN_ENDPOINT,       /* from one of our own sockets: a loop */
	DROP_TO_BROADCAST,       /* answer-broadcast is off */
	DROP_TO_MULTICAST,       /* answer-broadcast is off */
	DROP_SOURCE_UNKNOWN,     /* the address that was asked is not known */
	DROP_TOO_LONG,           /* reply longer than the request allows */

	DROP_SOURCE_GONE, /* the address that was asked left this host */
	DROP_UNREACHABLE,
	DROP_NOT_PERMITTED, /* by a firewall */
	DROP_NO_BUFFERS,
	DROP_TOO_BIG,
	DROP_QUEUE_FULL,
	DROP_QUEUE_EXPIRED,
	DROP_SEND_FAILED, /* anything else the system said */
	VERDICT_COUNT
};

/* Its name in logs and counters: "source-port-0". */
const char *verdict_name(enum verdict verdict);

/* What verdicts depend on.  Read-only on the datagram's way. */
struct guard {
	bool answer_broadcast; /* and multicast */
	/* Our own sockets, one bit a port to rule out nearly all peers. */
	uint8_t own_ports[65536 / 8];
	struct mh_address *endpoints;
	size_t endpoint_count;
	/* Addresses of this host, and the broadcast addresses of its networks;
	 * both sorted. */
	struct mh_address *own;
	size_t own_count;
	struct mh_address *broadcasts;
	size_t broadcast_count;
};

/* Another socket of ours.  Returns 0 or MH_ENOMEMORY. */
int guard_add_endpoint(struct guard *guard, const struct mh_address *endpoint);

/*
 * Take over the two tables (malloc'd, in any order) in place of the ones
 * before.
 */
void guard_set_own(struct guard *guard, struct mh_address *own, size_t count);
void guard_set_broadcasts(
    struct guard *guard, struct mh_address *broadcasts, size_t count);

/* Free the tables, not the guard. */
void guard_clear(struct guard *guard);

/* May this request be answered? */
enum verdict guard_request(
    const struct guard *guard, const struct mh_datagram *request);

/*
 * May a reply of that many bytes go out?  A stranger gets no more than it
 * sent, where up to 18 bytes of payload are one size: the smallest Ethernet
 * frame.  Loopback, link-local, private and unique-local peers get all.
 */
enum verdict guard_reply(const struct mh_datagram *request, size_t length);

#endif
