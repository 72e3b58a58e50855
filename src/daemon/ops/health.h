/* SPDX-License-Identifier: ISC */
/*
 * Is this daemon well?  Rounds of the self-probe in an event loop, and what
 * follows from them: /healthz, and the service manager's watchdog.
 */
#ifndef DAEMON_OPS_HEALTH_H
#define DAEMON_OPS_HEALTH_H

#include "daemon/ops/selfprobe.h"

struct event_base;
struct health;

/* What is asked; for one round at a time. */
struct health_subject {
	const struct bindings *bindings;
	bool freebind;
	unsigned int interval; /* seconds of a round; 0: as the watchdog wants,
				* or one */
};

/* Who is asked about. */
struct health_source {
	/*
	 * Say what to ask.  The bindings must last until the next call, or
	 * until health_restart().
	 */
	struct health_subject (*subject)(void *argument);
	/* How many datagrams came in on that socket. */
	uint64_t (*received)(
	    void *argument, const struct selfprobe_socket *socket);
	void *argument;
};

/*
 * Open the sockets to ask from.  secret: as selfprobe_new(); both source and
 * secret must last.  NULL if that cannot be; the log says why.
 */
struct health *health_new(struct event_base *base,
    const struct health_source *source, struct selfprobe_secret *secret);
void health_free(struct health *health);

/* Begin a round: at start, and when there are other bindings. */
void health_restart(struct health *health);

/* Did every socket answer within the last interval? */
bool health_is_good(const struct health *health);

#endif
