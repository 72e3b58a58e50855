/* SPDX-License-Identifier: ISC */
/*
 * Step 2 of the datagram's way, on one page: count, guard, service, address,
 * outbox.
 */
#ifndef DAEMON_PATH_RESPOND_H
#define DAEMON_PATH_RESPOND_H

#include "daemon/path/inject.h"
#include "daemon/path/timing.h"
#include "daemon/path/top.h"

/* Answering on one socket.  One thread; it must not be moved. */
struct respond {
	struct path_settings set;
	struct outbox outbox;
	struct stats stats;
	struct inject inject;
	void *state; /* the service's; NULL: none */
	struct timing timing;
	struct top_sampling sampling;
	struct packets_socket packets;
};

/* Answer what mh_batch_receive() put into the batch. */
void respond_batch(struct respond *respond, struct mh_batch *batch);

#endif
