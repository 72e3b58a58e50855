/* SPDX-License-Identifier: ISC */
/*
 * The daemon's health: rounds of the self-probe in an event loop, whose result
 * goes to /healthz and to the service manager's watchdog.
 */
#ifndef DAEMON_OPS_HEALTH_H
#define DAEMON_OPS_HEALTH_H

#include "daemon/ops/liveness.h"

struct event_base;
struct health;

/* The subject of a round. */
struct health_subject {
	const struct selfprobe_target *targets;
	size_t target_count;
	unsigned int interval; /* seconds that a reply counts for; 0: as the
				* watchdog requires, or a round per second */
	bool unasked_fails;    /* those that cannot be queried are unhealthy */
};

/*
 * Open the sockets that queries are sent from; no round begins yet.  secret: as
 * for selfprobe_new(); both source and secret must outlive it.  NULL on
 * failure, which is logged.
 */
struct health *health_new(struct event_base *base,
    const struct liveness_source *source, struct selfprobe_secret *secret);

/* Stop and free; NULL is allowed. */
void health_free(struct health *health);

/*
 * Begin a round about this subject, and repeat it: call this at start, and when
 * the targets have changed.  The targets must last until the next call, or
 * health_free().
 */
void health_restart(
    struct health *health, const struct health_subject *subject);

/*
 * Did every socket that can be queried reply within the last interval?  False
 * until they first have.
 */
bool health_is_good(const struct health *health);

/* The targets that cannot be queried; 0 for NULL. */
size_t health_unknown(const struct health *health);

#endif
