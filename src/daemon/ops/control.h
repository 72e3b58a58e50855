/* SPDX-License-Identifier: ISC */
/*
 * The control socket, for mhctl: whoever may connect is asked nothing else.
 */
#ifndef DAEMON_OPS_CONTROL_H
#define DAEMON_OPS_CONTROL_H

#include "daemon/ops/render.h"

struct control;
struct event_base;
struct records;

/* What the daemon is asked for; for the main thread. */
struct control_actions {
	struct render_source source; /* argument is for all of these */
	/* Fill in what the workers remember. */
	void (*recall)(void *argument, struct records *records);
	/* Be ready or not.  NULL, or why that is impossible. */
	const char *(*drain)(void *argument, bool drain);
	/* Log from that level on, if it is one; the level that is logged. */
	unsigned int (*log_level)(void *argument, int level);
	/*
	 * Begin a reload, now or after the present one: its number, which
	 * control_reloaded() will get, perhaps before this returns; or 0,
	 * with *why.
	 */
	uint64_t (*reload)(void *argument, const char **why);
};

/*
 * Serve a local socket that is bound, which it owns from then on, even on
 * failure.  The actions must outlive it.  NULL when out of memory.
 */
struct control *control_new(struct event_base *base, intptr_t handle,
    const struct control_actions *actions);

/* A reload is over; what it said, line by line. */
void control_reloaded(
    struct control *control, uint64_t number, bool good, const char *text);

/* The bindings are others: in the same turn of the loop as the reload. */
void control_follow(struct control *control);

/* Close all connections and free; NULL is allowed. */
void control_free(struct control *control);

#endif
