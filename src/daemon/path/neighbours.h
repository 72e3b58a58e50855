/* SPDX-License-Identifier: ISC */
/*
 * Does a reply to this peer leave at once, or does it have to wait in the
 * system until the peer's link-layer address is known?  An honest host of our
 * own networks has just asked for ours, and so the system knows its.  One that
 * does not exist never will be known, and anybody can ask in its name.
 */
#ifndef DAEMON_PATH_NEIGHBOURS_H
#define DAEMON_PATH_NEIGHBOURS_H

#include "daemon/path/prefix.h"
#include "platform/neighbours.h"
#include "platform/network.h"

/* So many are remembered; the others count as unknown. */
#define NEIGHBOURS_MAX 32768

#define NEIGHBOURS_KEY 20 /* address and scope */

/*
 * In ns: a peer that is there is known after the first time, and after the
 * second one it has another chance.
 */
#define NEIGHBOURS_PROMPT INT64_C(1000000000)
#define NEIGHBOURS_LATE INT64_C(30000000000)

/* So many trials are remembered. */
#define NEIGHBOURS_TRIED 4096

/* An address that a reply was tried to, though it was not known. */
struct neighbours_trial {
	uint64_t hash;
	int64_t until; /* monotonic: then it is forgotten */
};

/* A neighbour whose link-layer address is known. */
struct neighbours_entry {
	uint8_t key[NEIGHBOURS_KEY];
	uint32_t if_index; /* 0: the place is free */
	uint32_t list;     /* the last one that it was in, or came after */
};

/* All zero to begin with, but for the seed.  One thread. */
struct neighbours {
	uint8_t seed[16];             /* of the hash; secret */
	struct host_neighbours watch; /* see neighbours_open() */
	bool watched;                 /* it is open, and tells */
	struct prefix_table *on_link; /* our networks; NULL: none */
	struct neighbours_entry *entries;
	size_t places; /* a power of 2, or 0 */
	size_t count;  /* that are taken */
	uint32_t list; /* how many lists of all there were */
	struct neighbours_trial trials[NEIGHBOURS_TRIED];
	int64_t read; /* monotonic: of neighbours_still_lack() */
};

/* Watch the system's neighbours from now on. */
void neighbours_open(struct neighbours *neighbours);

/* Close and free. */
void neighbours_clear(struct neighbours *neighbours);

/*
 * The addresses of this host changed: these are its networks now.  False when
 * out of memory, and then nothing has changed.
 */
bool neighbours_learn(
    struct neighbours *neighbours, const struct host_network *network);

/* Take the news that the system has. */
void neighbours_read(struct neighbours *neighbours);

/* One of them. */
void neighbours_tell(
    struct neighbours *neighbours, const struct host_neighbour *neighbour);

/*
 * Is it a host of our own networks, and its link-layer address not known?
 * False for our own addresses, for those that are reached by a router, and
 * where the system does not tell.
 */
bool neighbours_lack(
    const struct neighbours *neighbours, const struct mh_address *peer);

/* Can it be true of anybody? */
static inline bool
neighbours_may_lack(const struct neighbours *neighbours)
{
	return neighbours != NULL && neighbours->on_link != NULL;
}

/*
 * A reply to a peer that is not known is about to be tried: was one tried
 * before, so that the peer would be known by now if it were there?  True also
 * when there are more of them than can be remembered.
 */
bool neighbours_tried(
    struct neighbours *neighbours, const struct mh_address *peer, int64_t now);

/*
 * The same as neighbours_lack(), for sure: news are taken first, unless they
 * were at that very time.  now: host_monotonic_ns(), the same for all of a
 * batch.
 */
bool neighbours_still_lack(
    struct neighbours *neighbours, const struct mh_address *peer, int64_t now);

#endif
