/* SPDX-License-Identifier: ISC */
/*
 * How others see the daemon without asking its services: the self-probe, the
 * HTTP side door and the control socket, all of which run on the main thread's
 * loop.
 */
#ifndef DAEMON_SIDEDOOR_H
#define DAEMON_SIDEDOOR_H

#include "daemon/ops/control.h"
#include "daemon/ops/health.h"
#include "daemon/ops/http.h"
#include "daemon/workers.h"

/* Who does what the control socket is asked for: see struct control_actions. */
struct sidedoor_owner {
	const char *(*drain)(void *argument, bool drain);
	uint64_t (*reload)(void *argument, const char **why);
	void *argument;
};

/* All zero before sidedoor_init(). */
struct sidedoor {
	const struct workers *workers;
	struct selfprobe_secret secret;
	struct liveness_source liveness_source;
	struct health *health; /* NULL: nobody asks for it */
	struct http *http;     /* NULL: not configured */
	struct render_source http_source;
	struct sidedoor_owner owner;
	struct control_actions actions;
	struct control *control; /* NULL: not configured */
	intptr_t control_handle; /* until it has it; -1: there is none */
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

/*
 * Make the control socket if the plan says so.  To be called before the helper
 * is started, which removes it.  Returns 0 or an exit status, logged.
 */
int sidedoor_open(struct sidedoor *door, const struct plan *plan);

/*
 * Listen for HTTP and on the control socket if the plan says so; owner is set.
 * Returns 0 or an exit status, logged.
 */
int sidedoor_listen(
    struct sidedoor *door, struct event_base *base, const struct plan *plan);

/* Probe the bindings that the workers have now. */
void sidedoor_restart(struct sidedoor *door);

/* The same, with the workers' new plan for who may ask over HTTP. */
void sidedoor_follow(struct sidedoor *door);

/* It is decided whether a reload is successful: count it. */
void sidedoor_count_reload(struct sidedoor *door, bool good);

/* A reload is over, successful or not; what it said, line by line. */
void sidedoor_reloaded(
    struct sidedoor *door, uint64_t number, bool good, const char *text);

/* Where HTTP is listening. */
const struct config_endpoints *sidedoor_http(const struct sidedoor *door);

/* Stop and free what the side door has. */
void sidedoor_clear(struct sidedoor *door);

#endif
