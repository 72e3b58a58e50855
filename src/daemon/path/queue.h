/* SPDX-License-Identifier: ISC */
/*
 * Replies that the socket could not take just now: a ring of fixed size, each
 * with a deadline, because a socket may stay full for ever.
 */
#ifndef DAEMON_PATH_QUEUE_H
#define DAEMON_PATH_QUEUE_H

#include "lib/multihome.h"

struct queue;

/* Bytes that replies and their headers may take together. */
#define QUEUE_SIZE (256 * 1024)

struct queue *queue_new(void);
void queue_free(struct queue *queue);

bool queue_is_empty(const struct queue *queue);

/* How many are in it. */
size_t queue_count(const struct queue *queue);

/*
 * Append a copy of the reply and its data; deadline in host_monotonic_ns().
 * False if there is no room.
 */
bool queue_add(
    struct queue *queue, const struct mh_datagram *reply, int64_t deadline);

/* Take away those whose deadline has passed; returns how many. */
unsigned int queue_expire(struct queue *queue, int64_t now);

/*
 * Put the oldest into the batch's free reply slots, as many as there are; they
 * stay in the queue, and the data is the queue's.
 */
void queue_fill(struct queue *queue, struct mh_batch *batch);

/* Take away the oldest. */
void queue_pop(struct queue *queue);

#endif
