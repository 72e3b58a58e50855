/* SPDX-License-Identifier: ISC */
/*
 * Does a reply to this peer leave at once, or does it wait in the system until
 * the peer's link-layer address is resolved?  An honest host on one of our own
 * networks has just resolved our link-layer address, so the system knows the
 * host's.  One that does not exist is never resolved, and anyone can forge it
 * as a source.
 */
#ifndef DAEMON_PATH_NEIGHBOURS_H
#define DAEMON_PATH_NEIGHBOURS_H

#include "daemon/path/prefix.h"
#include "platform/neighbours.h"
#include "platform/network.h"

/* The most that are remembered; any others count as unresolved. */
#define NEIGHBOURS_MAX 32768

#define NEIGHBOURS_KEY 20 /* address and scope */

/*
 * In nanoseconds: a peer that exists is resolved after the first, and one that
 * is not gets another chance after the second.
 */
#define NEIGHBOURS_PROMPT INT64_C(1000000000)
#define NEIGHBOURS_LATE INT64_C(30000000000)

/* How long the way to a peer is taken to be free, in nanoseconds; and how many
 * of these are remembered. */
#define NEIGHBOURS_WAY INT64_C(100000000)
#define NEIGHBOURS_WAYS 1024

/* The most trials that are remembered. */
#define NEIGHBOURS_TRIED 4096

/* An unresolved address that a reply was sent to. */
struct neighbours_trial {
	uint64_t hash;
	int64_t until; /* monotonic: when it is forgotten */
};

/* A way on which nobody has to be resolved. */
struct neighbours_way {
	uint64_t hash; /* of its two ends */
	int64_t until; /* monotonic: when it is forgotten */
};

/* A resolved neighbour. */
struct neighbours_entry {
	uint8_t key[NEIGHBOURS_KEY];
	uint32_t if_index; /* 0: the place is free */
	uint32_t list;     /* the last one that had it, or that it followed */
};

/* Initially all zero except the seed.  One thread. */
struct neighbours {
	uint8_t seed[16];             /* of the hash; secret */
	struct host_neighbours watch; /* see neighbours_open() */
	bool watched;                 /* it is open, and reports */
	/* Our networks; NULL: none.  It belongs to the caller. */
	const struct prefix_table *on_link;
	struct neighbours_entry *entries;
	size_t places; /* a power of 2, or 0 */
	size_t count;  /* places taken */
	uint32_t list; /* number of the last list of all */
	struct neighbours_trial trials[NEIGHBOURS_TRIED];
	struct neighbours_way ways[NEIGHBOURS_WAYS];
	int64_t read; /* monotonic: last time, of those that are for batches */
};

/* Start watching the system's neighbours. */
void neighbours_open(struct neighbours *neighbours);

/* Close and free. */
void neighbours_clear(struct neighbours *neighbours);

/*
 * Make the table of this host's networks, for on_link; NULL if there is none
 * whose hosts are looked for.  False when out of memory.
 */
bool neighbours_networks(
    const struct host_network *network, struct prefix_table **table);

/* Receive pending events. */
void neighbours_read(struct neighbours *neighbours);

/* Apply one event. */
void neighbours_update(
    struct neighbours *neighbours, const struct host_neighbour *neighbour);

/*
 * Is the peer on one of our own networks, and its link-layer address unknown?
 * False for our own addresses, for peers reached through a router, and where
 * the system does not report neighbours.
 */
bool neighbours_unresolved(
    const struct neighbours *neighbours, const struct mh_address *peer);

/*
 * The peer of a request, as the functions below want it: a link-local one is
 * on the link that the request came from, and another link may have another
 * host of that address.  For IPv6 the peer itself says so.
 */
static inline struct mh_address
neighbours_peer(const struct mh_datagram *request)
{
	struct mh_address peer = request->peer;

	if (peer.family == MH_FAMILY_IPV4 &&
	    mh_address_class(&peer) == MH_CLASS_LINK_LOCAL)
		peer.scope = request->if_index;
	return peer;
}

/* Can any peer be unresolved? */
static inline bool
neighbours_any_on_link(const struct neighbours *neighbours)
{
	return neighbours != NULL && neighbours->on_link != NULL;
}

/*
 * A reply to an unresolved peer is about to be sent: was one sent before, so
 * that the peer would be resolved by now if it existed?  True also when there
 * are more of them than can be remembered.
 */
bool neighbours_tried(
    struct neighbours *neighbours, const struct mh_address *peer, int64_t now);

/*
 * Would a reply wait for a router that is unresolved, or for a peer that is
 * reached without one, by a route alone?  The others cannot tell, as they know
 * the networks of our addresses only.  This asks the system for the route, and
 * is therefore for when there is need.  now: as below.
 */
bool neighbours_way_blocked(struct neighbours *neighbours,
    const struct host_network *network, const struct mh_datagram *request,
    int64_t now);

/*
 * The same as neighbours_unresolved() after pending events were received,
 * which happens once for each value of now: host_monotonic_ns(), the same for
 * all of a batch.
 */
bool neighbours_still_unresolved(
    struct neighbours *neighbours, const struct mh_address *peer, int64_t now);

#endif
