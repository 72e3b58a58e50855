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

/* What a round is about. */
struct health_subject {
	const struct selfprobe_target *targets;
	size_t target_count;
	unsigned int interval; /* seconds that a reply counts for; 0: as the
				* watchdog wants, or one second a round */
};

/* Whom to ask how busy a socket is. */
struct health_source {
	/* The number of datagrams that have come in on that socket. */
	uint64_t (*received)(
	    void *argument, const struct selfprobe_socket *socket);
	void *argument;
};

/*
 * Open the sockets that queries are sent from; no round begins yet.  secret: as
 * selfprobe_new(); both source and secret must outlive it.  NULL if that is
 * not possible; the log says why.
 */
struct health *health_new(struct event_base *base,
    const struct health_source *source, struct selfprobe_secret *secret);

/* Stop and free; NULL is allowed. */
void health_free(struct health *health);

/*
 * Begin a round about this subject, and keep at it round after round: at
 * start, and when the targets have changed.  The targets must last until the
 * next call, or health_free().
 */
void health_restart(
    struct health *health, const struct health_subject *subject);

/*
 * Did every socket reply within the last interval?  False before the first
 * time.
 */
bool health_is_good(const struct health *health);

#endif
