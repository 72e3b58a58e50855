/* SPDX-License-Identifier: ISC */
/*
 * Who sends most, of any number of addresses, in memory of fixed size: the
 * space-saving algorithm (Metwally, Agrawal, El Abbadi 2005).  Whoever sends
 * more than 1/TOP_KEPT of all is in it.
 */
#ifndef DAEMON_PATH_TOP_H
#define DAEMON_PATH_TOP_H

#include "lib/multihome.h"

#define TOP_KEPT 64

struct top_entry {
	struct mh_address address; /* without port */
	uint64_t count;            /* at least what it sent... */
	uint64_t excess;           /* ...and at most this more */
};

/* Initially all zero. */
struct top_list {
	struct top_entry entries[TOP_KEPT];
	unsigned int used;
	uint64_t total;
};

/* Count an address n times. */
void top_add(
    struct top_list *list, const struct mh_address *address, uint64_t n);

/* Add another list. */
void top_merge(struct top_list *list, const struct top_list *other);

/* The largest first. */
void top_sort(struct top_list *list);

/*
 * The peers of the last minute or two: the minute that goes on and the one
 * before.  Of one thread, and fed with samples.  Initially all zero.
 */
#define TOP_PERIOD (INT64_C(60) * 1000000000)
struct top {
	struct top_list present, before;
	int64_t began; /* the present one, monotonic; 0: not yet */
	bool is_full;  /* the one before lasted for TOP_PERIOD */
};

/* How often each socket gives a sample, in nanoseconds. */
#define TOP_INTERVAL INT64_C(1000000)

/* When a socket has given its last one; initially all zero. */
struct top_sampling {
	int64_t next;      /* not before then, monotonic */
	uint64_t received; /* datagrams of it until then */
};

/*
 * The peer stands for all that the socket has received since the last sample.
 * IPv6 is counted by /64, whose holder has all of it.
 */
void top_sample(struct top *top, struct top_sampling *sampling,
    const struct mh_address *peer, uint64_t received, int64_t now);

/* Begin another minute if it is time. */
void top_turn(struct top *top, int64_t now);

/*
 * Add its peers to a list.  Returns how many nanoseconds of the past they are
 * of.
 */
int64_t top_collect(struct top *top, struct top_list *list, int64_t now);

#endif
