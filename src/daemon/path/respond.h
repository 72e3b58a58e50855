/* SPDX-License-Identifier: ISC */
/*
 * Step 2 of the datagram's way, on one page: batch in, guard, service, batch
 * out.
 */
#ifndef DAEMON_PATH_RESPOND_H
#define DAEMON_PATH_RESPOND_H

#include "daemon/path/guard.h"
#include "daemon/path/queue.h"
#include "daemon/path/stats.h"
#include "platform/network.h"
#include "platform/reuseport.h"
#include "services/service.h"

/* Loopback of each family, and the rest. */
#define RESPOND_ASKERS_MAX (2 + MH_SOCKETS_MAX)

/*
 * How a socket knows a question of this very process: with that secret, from
 * loopback or the very address that is asked, and from a port that does not
 * answer, so that there can be no loop.
 */
struct respond_secret {
	bool asked; /* false: nobody asks */
	uint8_t bytes[HOST_REUSEPORT_SECRET];
	uint16_t ports[RESPOND_ASKERS_MAX]; /* of those who ask; 0: none */
};

/*
 * The question, with the number of the socket that it is for
 * (host_reuseport_number()); and the answer, with that of the worker that has
 * got it.  Any service answers so.
 */
struct respond_probe {
	uint8_t secret[HOST_REUSEPORT_SECRET];
	uint8_t number[2]; /* in network order */
	uint8_t worker[2];
};

static inline void
respond_number_set(uint8_t bytes[2], unsigned int number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

static inline unsigned int
respond_number_get(const uint8_t bytes[2])
{
	return (unsigned int)bytes[0] << 8 | bytes[1];
}

/* All that answering on one socket needs; everything is the caller's. */
struct respond {
	const struct service *service;
	const struct service_settings *settings;
	struct guard guard;
	const struct mh_source_policy *rule;
	const struct host_network *network;
	const char *node;
	const struct respond_secret *secret;
	unsigned int worker;    /* its number */
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
