/* SPDX-License-Identifier: ISC */
/*
 * Step 2 of the datagram's way, on one page: batch in, guard, service, batch
 * out.
 */
#ifndef DAEMON_RESPOND_H
#define DAEMON_RESPOND_H

#include "daemon/guard.h"
#include "daemon/queue.h"
#include "daemon/stats.h"
#include "platform/host.h"
#include "services/service.h"

#define RESPOND_SECRET 16

/*
 * How a socket knows a question of this very process: from loopback or the very
 * address that is asked, with that secret.  Any service answers with the same.
 */
struct respond_secret {
	bool asked; /* false: nobody asks */
	uint8_t bytes[RESPOND_SECRET];
};

/* All that answering on one socket needs; everything is the caller's. */
struct respond {
	const struct service *service;
	const struct service_settings *settings;
	struct guard guard;
	const struct mh_reply_rule *rule;
	const struct host_network *network;
	const char *node;
	const struct respond_secret *secret;
	unsigned int busy_poll; /* microseconds to look on for more */
	struct queue *queue;
	struct stats stats;
};

/* How long a reply may wait for a full socket, in nanoseconds. */
#define RESPOND_PATIENCE (INT64_C(500) * 1000000)

/*
 * Answer what mh_batch_receive() has put into the batch.  What the socket
 * cannot take now is queued; see respond_flush().
 */
void respond_batch(
    struct respond *respond, struct mh_batch *batch, struct mh_socket *socket);

/*
 * Send what is queued, as far as it goes.  The batch is used for it.  Returns
 * true when nothing is left.
 */
bool respond_flush(
    struct respond *respond, struct mh_batch *batch, struct mh_socket *socket);

/* Drop and count what is still queued: the end. */
void respond_abandon(struct respond *respond);

#endif
