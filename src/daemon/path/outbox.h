/* SPDX-License-Identifier: ISC */
/*
 * Step 5 of the datagram's way: replies are sent, at once or, if the socket is
 * full, a little later; and each is counted by its outcome.
 */
#ifndef DAEMON_PATH_OUTBOX_H
#define DAEMON_PATH_OUTBOX_H

#include "daemon/path/queue.h"
#include "daemon/path/settings.h"
#include "daemon/path/stats.h"

/* How long a reply may wait for a full socket, in nanoseconds. */
#define OUTBOX_TIMEOUT (INT64_C(500) * 1000000)

/* What is sent from one socket.  One thread. */
struct outbox {
	const struct path_settings *set;
	struct mh_socket *socket;
	struct stats *stats;
	struct queue *queue;
	size_t foreign; /* queued replies made by an earlier service */
	bool taken;     /* some were taken over since the last flush */
};

/*
 * Set up an outbox for a socket.  set and stats must outlive it.  False when
 * out of memory.
 */
bool outbox_init(struct outbox *outbox, struct mh_socket *socket,
    const struct path_settings *set, struct stats *stats);

/* Free its memory; what is queued is lost. */
void outbox_clear(struct outbox *outbox);

/*
 * *outbox->set is about to change to another service, which must not complete
 * what is queued.
 */
void outbox_change_service(struct outbox *outbox);

/*
 * Send the replies of the batch.  What the socket cannot take now is queued;
 * see outbox_flush().
 */
void outbox_send(struct outbox *outbox, struct mh_batch *batch);

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

/* Drop and count what is still queued, before the end. */
void outbox_abandon(struct outbox *outbox);

#endif
