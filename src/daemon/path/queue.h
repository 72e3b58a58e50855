/* SPDX-License-Identifier: ISC */
/*
 * Replies that the socket could not take yet: a ring of fixed size, each with a
 * deadline, because a socket may stay full forever.
 */
#ifndef DAEMON_PATH_QUEUE_H
#define DAEMON_PATH_QUEUE_H

#include "lib/multihome.h"

struct queue;

/* Bytes available to replies and their headers. */
#define QUEUE_SIZE (256 * 1024)

/*
 * An empty queue; NULL when out of memory.  One that is never needed is never
 * made: to queue_free(), queue_is_empty(), queue_count() and queue_expire(),
 * NULL is an empty queue.
 */
struct queue *queue_new(void);
void queue_free(struct queue *queue);

/* Is no reply queued? */
bool queue_is_empty(const struct queue *queue);

/* The number of queued replies. */
size_t queue_count(const struct queue *queue);

/*
 * Append a copy of the reply and its data; deadline in host_monotonic_ns().
 * False if there is no room.
 */
bool queue_add(
    struct queue *queue, const struct mh_datagram *reply, int64_t deadline);

/* Remove those whose deadline has passed; returns their number. */
unsigned int queue_expire(struct queue *queue, int64_t now);

/*
 * Fill the batch's free reply slots with the oldest; they stay in the queue,
 * which still owns the data.
 */
void queue_fill(struct queue *queue, struct mh_batch *batch);

/* Remove the oldest. */
void queue_pop(struct queue *queue);

#endif
