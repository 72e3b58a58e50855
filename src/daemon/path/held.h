/* SPDX-License-Identifier: ISC */
/*
 * Replies that are sent later on purpose, fault-delay and its kind: a bounded
 * store of copies, each with the time when it is due.
 */
#ifndef DAEMON_PATH_HELD_H
#define DAEMON_PATH_HELD_H

#include "lib/multihome.h"

/* The most of them, and the bytes of their data together. */
#define HELD_MAX 1024
#define HELD_BYTES (1024 * 1024)

/* To held_due(): there is none. */
#define HELD_NEVER INT64_MAX

struct held;

/*
 * An empty store; no page takes memory before it is used.  NULL when out of
 * memory; which, to the functions below, is an empty one that has no room.
 */
struct held *held_new(void);
void held_free(struct held *held);

/*
 * Add a copy of the datagram and of its data.  due: of any clock.  waits: for
 * another one to the same peer, see held_release().  False if there is no room.
 */
bool held_add(struct held *held, const struct mh_datagram *datagram,
    int64_t due, bool waits);

/* Does one to that peer wait? */
bool held_waits(const struct held *held, const struct mh_address *peer);

/*
 * Those that wait for one to that peer are due at that time instead, after all
 * others that are.  True if there are any.
 */
bool held_release(
    struct held *held, const struct mh_address *peer, int64_t due);

/* When the next one is due. */
int64_t held_due(const struct held *held);

/*
 * Take out what is due, the earliest first, of those due at the same time the
 * first added first, and reserve slots of the batch for it, as many as there
 * are.  Its data stays valid until the next held_add().  Returns how many.
 */
unsigned int held_take(struct held *held, struct mh_batch *batch, int64_t now);

/* How many there are. */
unsigned int held_count(const struct held *held);

#endif
