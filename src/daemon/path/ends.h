/* SPDX-License-Identifier: ISC */
/*
 * Which of our own endpoints a service can reply from: the address and port
 * that the request was sent to, or the others.
 */
#ifndef DAEMON_PATH_ENDS_H
#define DAEMON_PATH_ENDS_H

#include "daemon/path/guard.h"
#include "daemon/path/outbox.h"
#include "platform/network.h"

#include <string.h>

struct listener;

/* A socket of a service. */
struct ends_member {
	struct mh_address bound;
	unsigned int can; /* MH_CAN_IPV4, MH_CAN_IPV6 */
	size_t pair;      /* the endpoint that it was opened for */
	bool is_other;    /* the one with the service's other port */
	bool is_gone;     /* this host does not have that address now */
	struct outbox *outbox;
	struct listener *listener;
};

/* This host's addresses that other hosts can reach, as it has them now. */
struct ends_candidates {
	struct mh_address *items; /* deprecated ones last */
	size_t count;
};

/* Who can reach an address. */
enum ends_zone {
	ENDS_PUBLIC, /* everybody, or it is said to be mapped to one such */
	ENDS_PRIVATE,
	ENDS_ZONES
};

/* An address to choose. */
struct ends_option {
	struct mh_address address; /* family none: there is none */
	size_t rank;               /* the less the better */
};

/*
 * What can be SERVICE_OTHER_ADDRESS of a service: for each family, IPv4 first,
 * and zone the best two.  One of them is not the address asked.
 */
struct ends_addresses {
	struct ends_option options[2][ENDS_ZONES][2];
};

/* All sockets of a service in one thread. */
struct ends {
	struct ends_member *members;
	size_t count;
	const struct service_others *others; /* NULL: nothing is said */
	const struct prefix_table *serve;    /* as in guard_rules */
	struct ends_addresses addresses;
};

/* Where replies to one request can leave, by enum service_end. */
struct ends_choice {
	struct mh_address addresses[SERVICE_ENDS]; /* family none: nowhere */
	struct outbox *outboxes[SERVICE_ENDS];
};

/* Can hosts on other links reach this one by it? */
bool ends_is_routable(const struct mh_address *address);

/*
 * Find addresses that other hosts can reach, and that are usable now: not
 * tentative, and not of a VRF, which only its own hosts reach.  False when out
 * of memory.
 */
bool ends_gather(
    struct ends_candidates *candidates, const struct host_network *network);

/* Free them. */
void ends_candidates_clear(struct ends_candidates *candidates);

/* The two of a family in that zone, best first. */
const struct ends_option *ends_options(
    const struct ends *ends, unsigned int family, enum ends_zone zone);

/* Has the operator named addresses of that family to choose from? */
bool ends_are_named(const struct ends *ends, unsigned int family);

/*
 * Choose from the candidates what the service may reply from, and see which
 * members' addresses are gone; own: addresses of this host, NULL without
 * members.
 */
void ends_learn(struct ends *ends, const struct ends_candidates *candidates,
    const struct guard_own *own);

/*
 * The other address for requests to this one, among the options; NULL if there
 * is none.
 */
const struct mh_address *ends_second(
    const struct ends *ends, const struct mh_address *asked);

/*
 * The ends for a request received on the socket of that outbox.  A broadcast
 * or multicast request has only the end that it was sent to.
 */
void ends_choose(const struct ends *ends, struct outbox *outbox,
    const struct mh_datagram *request, struct ends_choice *choice);

/* Have two requests the same, if one socket received them? */
static inline bool
ends_are_same(const struct mh_datagram *a, const struct mh_datagram *b)
{
	return a->flags == b->flags && a->peer.family == b->peer.family &&
	    memcmp(&a->local, &b->local, sizeof(a->local)) == 0;
}

/* outbox_send_taken() for every member. */
void ends_send_taken(
    const struct ends *ends, struct mh_batch *batch, int64_t now);

#endif
