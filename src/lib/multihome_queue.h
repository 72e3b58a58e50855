/* SPDX-License-Identifier: ISC */
/*
 * libmultihome: a bounded queue for datagrams that a socket could not take yet,
 * MH_EAGAIN, each with a deadline, because a socket may stay full forever.
 * multihome.h, which see, has all else.
 *
 * Use one queue for each socket.  Once the event loop says that the socket is
 * writable, and again each time until nothing is left:
 *
 *	mh_queue_expire(queue, now);
 *	while (mh_queue_fill(queue, batch) > 0) {
 *		mh_batch_send(batch, socket, &policy);
 *		mh_queue_finish(queue, batch);
 *		if (batch->wants_writable)
 *			break;
 *	}
 *
 * Threads: as a batch, by one thread at a time.
 *
 * A queue is needed rarely.  To all functions here, NULL is an empty one that
 * has no room, so that it may be made when it is needed first.
 */
#ifndef MULTIHOME_QUEUE_H
#define MULTIHOME_QUEUE_H

#include "multihome_address.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mh_batch;
struct mh_datagram;
struct mh_queue;

/*
 * Allocate an empty queue of that many bytes; it never takes more, and no page
 * takes memory before it is used.  Each datagram takes its length and up to 160
 * bytes.  NULL if out of memory, or if size is 0.
 */
struct mh_queue *mh_queue_new(size_t size);

/* Free it, with what is in it; NULL is allowed. */
void mh_queue_free(struct mh_queue *queue);

/* The number of datagrams in the queue. */
size_t mh_queue_count(const struct mh_queue *queue);

/*
 * Append a copy of the datagram and of its data.  deadline: as for
 * mh_queue_expire().  Returns 0; or MH_ENOBUFFERS if there is no room, and then
 * the queue is as before: what came first is never dropped for what comes
 * later.
 */
int mh_queue_add(struct mh_queue *queue, const struct mh_datagram *datagram,
    int64_t deadline);

/*
 * Append copies of what the batch has not sent, in its order: what is reserved;
 * or, if nothing is, what the last mh_batch_send() left with MH_EAGAIN.  The
 * first, instead of mh_batch_send(), while the queue is not empty, so that
 * nothing overtakes what is in it; the second after mh_batch_send().
 *
 * What mh_queue_fill() has put into the batch is in the queue already, and is
 * not appended again.  The batch is empty afterwards: read what else it says
 * before.  Returns how many were lost because there was no room.
 */
unsigned int mh_queue_keep(
    struct mh_queue *queue, struct mh_batch *batch, int64_t deadline);

/*
 * Remove the oldest while their deadline is now or earlier; returns how many.
 * Deadlines may be of any clock and unit.  They are looked at in the order of
 * adding, so give each at least that of the one before it, as with the same
 * timeout for all: one after a later deadline stays until that has passed.
 */
unsigned int mh_queue_expire(struct mh_queue *queue, int64_t now);

/*
 * Reserve slots of the batch for the oldest, as many as it has.  They stay in
 * the queue, which has their data; until mh_queue_finish() do not change it.
 * Returns how many.
 */
unsigned int mh_queue_fill(struct mh_queue *queue, struct mh_batch *batch);

/*
 * After mh_batch_send(): remove those that mh_queue_fill() has put into the
 * batch and that are finished, sent or failed for good; what has MH_EAGAIN
 * stays, the oldest still first, and of a burst that was sent in part the rest.
 * Returns how many were removed; their status is in the batch, which may have
 * been read before.
 */
unsigned int mh_queue_finish(
    struct mh_queue *queue, const struct mh_batch *batch);

#ifdef __cplusplus
}
#endif

#endif
