/* SPDX-License-Identifier: ISC */
/*
 * Step 5 of the datagram's way: replies leave by their socket, now or, if it
 * is full, a little later; and each is counted with what became of it.
 */
#ifndef DAEMON_PATH_OUTBOX_H
#define DAEMON_PATH_OUTBOX_H

#include "daemon/path/queue.h"
#include "daemon/path/settings.h"
#include "daemon/path/stats.h"

/* How long a reply may wait for a full socket, in nanoseconds. */
#define OUTBOX_PATIENCE (INT64_C(500) * 1000000)

/* What leaves by one socket.  One thread. */
struct outbox {
	const struct path_settings *set;
	struct mh_socket *socket;
	struct stats *stats;
	struct queue *queue;
	size_t foreign; /* how many of those queued an earlier service made */
	bool taken;     /* some were taken over since the last flush */
};

/*
 * Make one for that socket.  set and stats must last.  False when out of
 * memory.
 */
bool outbox_init(struct outbox *outbox, struct mh_socket *socket,
    const struct path_settings *set, struct stats *stats);

/* Free what it has; what is queued is lost. */
void outbox_clear(struct outbox *outbox);

/*
 * *outbox->set is about to serve another service: what is queued is not that
 * one's to finish.
 */
void outbox_change_service(struct outbox *outbox);

/*
 * Send the replies of the batch.  What the socket cannot take now is queued;
 * see outbox_flush().
 */
void outbox_send(struct outbox *outbox, struct mh_batch *batch);

/*
 * Take over a reply to a request that came by another socket of this thread.
 * It is copied, and leaves with the next outbox_flush().
 */
void outbox_take(struct outbox *outbox, const struct mh_datagram *reply);

/*
 * Send what is queued, as far as it goes.  The batch is used for it.  Returns
 * true when nothing is left.
 */
bool outbox_flush(struct outbox *outbox, struct mh_batch *batch);

/* Drop and count what is still queued: the end. */
void outbox_abandon(struct outbox *outbox);

#endif
