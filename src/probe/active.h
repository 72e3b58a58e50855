/* SPDX-License-Identifier: ISC */
/*
 * A session that is going on: its sockets, each watched by the event loop, from
 * the first request until nothing more is expected.
 */
#ifndef PROBE_ACTIVE_H
#define PROBE_ACTIVE_H

#include "probe/probe.h"

struct event;
struct event_base;

/* Where all of them are; everything is the caller's. */
struct active_place {
	struct probe *probe;
	struct event_base *base;
	struct event *wake; /* a timer; it fires at once after an arrival */
};

struct active;

/* What became of active_start(). */
enum active_started {
	ACTIVE_STARTED,
	ACTIVE_REFUSED,    /* the session is done, and says why */
	ACTIVE_NO_SOCKETS, /* the system has none to spare now */
	ACTIVE_NO_MEMORY
};

/* Begin; *active is set if it has. */
enum active_started active_start(struct active **active,
    const struct active_place *place, struct session *session);

/* What active_step() returns instead of a time. */
#define ACTIVE_OVER INT64_C(-1)

/*
 * Do what is due.  Returns when to call again, in host_monotonic_ns(); or
 * ACTIVE_OVER.
 */
int64_t active_step(struct active *active);

/* Close the sockets, and free it. */
void active_finish(struct active *active);

#endif
