/* SPDX-License-Identifier: ISC */
/*
 * How others see the daemon without asking its services: the self-probe and the
 * HTTP side door, both of which run on the main thread's loop.
 */
#ifndef DAEMON_SIDEDOOR_H
#define DAEMON_SIDEDOOR_H

#include "daemon/ops/health.h"
#include "daemon/ops/http.h"
#include "daemon/workers.h"

/* All zero before sidedoor_init(). */
struct sidedoor {
	const struct workers *workers;
	struct selfprobe_secret secret;
	struct liveness_source liveness_source;
	struct health *health; /* NULL: nobody asks for it */
	struct http *http;     /* NULL: not configured */
	struct render_source http_source;
	/* The owner's, for the pages. */
	uint64_t reloads;
	uint64_t reloads_failed;
	bool reload_failed;  /* the last one */
	int64_t reloaded_ns; /* the last good one, or the start; UTC */
	int64_t started_ns;  /* UTC */
	bool draining;       /* no longer ready */
};

/*
 * Choose the secret of the self-probe, which the bindings need before they are
 * opened.  The workers must outlive the side door.  Returns false if there is
 * no randomness.
 */
bool sidedoor_init(struct sidedoor *door, const struct workers *workers,
    const struct config_values *values);

/* Prepare the self-probe.  Returns false when out of memory. */
bool sidedoor_prepare(struct sidedoor *door, struct event_base *base);

/* Listen for HTTP if the plan says so.  Returns 0 or an exit status, logged. */
int sidedoor_listen(
    struct sidedoor *door, struct event_base *base, const struct plan *plan);

/* Probe the bindings that the workers have now. */
void sidedoor_restart(struct sidedoor *door);

/* The same, with the workers' new plan for who may ask over HTTP. */
void sidedoor_follow(struct sidedoor *door);

/* Where HTTP is listening, or NULL. */
const struct mh_address *sidedoor_endpoint(const struct sidedoor *door);

/* Stop and free what the side door has. */
void sidedoor_clear(struct sidedoor *door);

#endif
