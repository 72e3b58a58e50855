/* SPDX-License-Identifier: ISC */
/*
 * Step 5 of the datagram's way: replies are sent, at once or, if the socket is
 * full, a little later; and each is counted by its outcome.
 */
#ifndef DAEMON_PATH_OUTBOX_H
#define DAEMON_PATH_OUTBOX_H

#include "daemon/path/congestion.h"
#include "daemon/path/held.h"
#include "daemon/path/reports.h"
#include "daemon/path/settings.h"
#include "daemon/path/stats.h"
#include "lib/multihome_queue.h"

/* How long a reply may wait for a full socket, in nanoseconds. */
#define OUTBOX_TIMEOUT (INT64_C(500) * 1000000)

/* Bytes of the queue for them, and their headers. */
#define OUTBOX_QUEUE_SIZE (256 * 1024)

/* What is sent from one socket.  One thread. */
struct outbox {
	const struct path_settings *set;
	struct mh_socket *socket;
	struct stats *stats;
	struct mh_queue *queue;  /* NULL: never needed until now */
	struct reports *reports; /* NULL: never wanted until now */
	struct held *held;       /* NULL: never needed until now */
	/* Something is due then: call outbox_send_held(). */
	void (*wake)(void *owner, int64_t due);
	void *owner;
	size_t foreign; /* queued replies made by an earlier service */
	bool taken;     /* some were taken over since the last flush */
	/* Bytes of the send buffer left for replies to unresolved neighbours.
	 */
	size_t spare;
	size_t kept;      /* of these, for peers not tried in vain before */
	int64_t spare_at; /* monotonic: when that was measured */
	/* Bytes of the send buffer: the most that can be in use, and a quarter
	 * of it; 0: not measured yet. */
	size_t in_use;
	size_t quarter;
	struct congestion_guess guess; /* what fills it */
};

/* Could a quarter of the send buffer be in use?  Then outbox_measure() it. */
static inline bool
outbox_may_fill(const struct outbox *outbox)
{
	return outbox->in_use >= outbox->quarter;
}

/* Does anything wait for a full socket?  Few sockets ever had a queue. */
static inline bool
outbox_has_queued(const struct outbox *outbox)
{
	return outbox->queue != NULL && mh_queue_count(outbox->queue) > 0;
}

/* Set up an outbox for a socket.  set and stats must outlive it. */
void outbox_init(struct outbox *outbox, struct mh_socket *socket,
    const struct path_settings *set, struct stats *stats);

/* Free its memory; what is queued is lost. */
void outbox_clear(struct outbox *outbox);

/*
 * *outbox->set is about to change, perhaps to another service, which must not
 * complete what is queued.  What is held leaves now, by means of the batch, if
 * this service completes it or that one is another.
 */
void outbox_configure(struct outbox *outbox, struct mh_batch *batch,
    const struct service *service);

/*
 * The service wants to know when this reply left, which is in the batch that
 * outbox_send() gets next.
 */
void outbox_want_report(
    struct outbox *outbox, struct mh_datagram *reply, uint64_t token);

/*
 * Tell the service, whose state this is, when replies left, as far as the
 * system has reported it.  Only with outbox->reports.
 */
void outbox_take_reports(struct outbox *outbox, void *state);

/* Its state is about to be replaced, or the service itself. */
void outbox_forget_reports(struct outbox *outbox);

/*
 * Send the replies of the batch.  What the socket cannot take now is queued;
 * see outbox_flush().
 */
void outbox_send(struct outbox *outbox, struct mh_batch *batch);

/*
 * Measure how much of the send buffer is in use.  Returns the bytes that are
 * left of its first half, SIZE_MAX if the system does not report that.
 */
size_t outbox_measure(struct outbox *outbox);

/* Roughly what a reply of that length takes of the send buffer. */
size_t outbox_cost(size_t length);

/*
 * May a reply of this length be sent to a neighbour that is not known to exist?
 * Together these take at most three eighths of the socket's send buffer, so
 * they never cost others theirs, however long the system keeps them; and half
 * of that is reserved for peers that were not tried in vain before.  Returns
 * the bytes set aside for it, or 0 if there is no room.
 * now: host_monotonic_ns(), the same for all of a batch.
 */
size_t outbox_set_aside(
    struct outbox *outbox, size_t length, bool in_vain, int64_t now);

/* Return what was set aside: the reply was not made, or was only this long. */
void outbox_give_back(struct outbox *outbox, size_t aside);
void outbox_charge(struct outbox *outbox, size_t aside, size_t length);

/*
 * Take over a reply to a request received on another socket of this thread.
 * It is copied, and sent with the next outbox_flush().
 */
void outbox_take(struct outbox *outbox, const struct mh_datagram *reply);

/*
 * Send as much as possible of what is queued, by means of the batch.  Returns
 * true when nothing is left.
 */
bool outbox_flush(struct outbox *outbox, struct mh_batch *batch);

/*
 * Send a copy of the reply later, at this time, host_monotonic_ns(); with
 * waits, after the next one to the same peer, if that is before: see
 * outbox_release().  False if there is no room.  Only with outbox->wake.
 */
bool outbox_hold(struct outbox *outbox, const struct mh_datagram *reply,
    int64_t due, bool waits);

/* A reply to that peer leaves then; what waits for it is to follow. */
void outbox_release(
    struct outbox *outbox, const struct mh_address *peer, int64_t due);

/*
 * Send what is held until now or before, by means of the batch, which is empty;
 * but not while anything is queued.  Returns when to do so again; HELD_NEVER:
 * not.
 */
int64_t outbox_send_held(
    struct outbox *outbox, struct mh_batch *batch, int64_t now);

/*
 * Send what was taken over, and then what is held until now or before.
 * outbox->taken remains if not all of that was possible.
 */
void outbox_send_taken(
    struct outbox *outbox, struct mh_batch *batch, int64_t now);

/* Send all that is held, before its time. */
void outbox_hurry(struct outbox *outbox, struct mh_batch *batch);

/* Drop and count what is still queued, before the end. */
void outbox_abandon(struct outbox *outbox);

#endif
