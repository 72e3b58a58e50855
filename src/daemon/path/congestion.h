/* SPDX-License-Identifier: ISC */
/*
 * Which interfaces are asked to send more than they can.  Replies that leave
 * there wait in the interface's queue and occupy the send buffer that all of
 * the socket's peers share, so they may not have all of it.
 *
 * One thread reads it from the system when a worker asks; the workers never
 * wait for it.
 */
#ifndef DAEMON_PATH_CONGESTION_H
#define DAEMON_PATH_CONGESTION_H

#include "platform/backlog.h"
#include "platform/network.h"

#include <stdatomic.h>
#include <stdbool.h>

/* The most interfaces that are remembered. */
#define CONGESTION_MAX 32

/* An interface is congested if at least that many bytes wait there. */
#define CONGESTION_BYTES 4096

/*
 * How long a reading is believed, in nanoseconds, and how soon the system may
 * be asked again.  That is long, but it matters only while the send buffer is
 * half full, when the system is asked again.
 */
#define CONGESTION_FRESH INT64_C(20000000)
#define CONGESTION_VALID INT64_C(60000000000)

struct congestion {
	intptr_t channel;     /* what to wake with a byte; -1: nobody reads */
	_Atomic int64_t read; /* monotonic; 0: never */
	atomic_bool asked;    /* and not read since */
	_Atomic uint32_t interfaces[CONGESTION_MAX]; /* ended by 0 */
};

/*
 * Until the system has answered: the interface by which most have asked since
 * the send buffer began to fill (Boyer and Moore's majority vote).  One thread.
 */
struct congestion_guess {
	int64_t since; /* monotonic; 0: it is not filling */
	uint32_t if_index;
	uint32_t votes;
};

/*
 * Have it read again, unless that has just been done.  now:
 * host_monotonic_ns().  Any thread.
 */
void congestion_ask(struct congestion *congestion, int64_t now);

/*
 * What leaves by a bridge, a bond, a VLAN or a macvlan waits in the queue of an
 * interface below it: add those above the congested ones to the table, which
 * has room for CONGESTION_MAX.  Returns how many there are now.
 */
unsigned int congestion_spread(const struct host_network *network,
    struct host_backlog *table, unsigned int count);

/* Store what was read. */
void congestion_set(struct congestion *congestion,
    const struct host_backlog *table, unsigned int count, int64_t now);

/*
 * Is that interface congested?  False if it is not known.  Any thread; NULL is
 * allowed.
 */
bool congestion_at(
    const struct congestion *congestion, uint32_t if_index, int64_t now);

/* The send buffer is filling, and somebody has asked by that interface. */
void congestion_vote(
    struct congestion_guess *guess, uint32_t if_index, int64_t now);

/* Is that interface to be taken for congested, as nothing was read since? */
bool congestion_guessed(const struct congestion *congestion,
    const struct congestion_guess *guess, uint32_t if_index);

#endif
