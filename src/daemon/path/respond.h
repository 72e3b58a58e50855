/* SPDX-License-Identifier: ISC */
/*
 * Step 2 of the datagram's way, on one page: count, guard, service, address,
 * outbox.
 */
#ifndef DAEMON_PATH_RESPOND_H
#define DAEMON_PATH_RESPOND_H

#include "daemon/path/outbox.h"

/* Answering on one socket.  One thread; it does not move while it lives. */
struct respond {
	struct path_settings set;
	struct outbox outbox;
	struct stats stats;
	void *state; /* the service's; NULL: it has none */
	struct service_quality quality;
	int64_t quality_until; /* monotonic: then it is read again */
};

/* Answer what mh_batch_receive() has put into the batch. */
void respond_batch(struct respond *respond, struct mh_batch *batch);

#endif
