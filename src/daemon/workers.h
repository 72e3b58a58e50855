/* SPDX-License-Identifier: ISC */
/*
 * All workers, and the plan that they use: what is done to one of them is done
 * to all or to none.
 *
 * All functions are for the main thread, but for workers_prepare() and
 * workers_dispose().
 */
#ifndef DAEMON_WORKERS_H
#define DAEMON_WORKERS_H

#include "daemon/worker.h"

/* A plan that they switch to; from then on, the previous one. */
struct workers_change {
	struct plan *plan; /* NULL: there is none */
	struct bindings bindings;
	enum worker_step step;
	unsigned int next; /* the worker whose turn it is */
	bool is_begun;     /* a worker has been asked for a step */
	bool is_given_up;
};

/* Initially all zero. */
struct workers {
	struct worker **items;
	unsigned int count;
	struct netwatch *netwatch;
	struct plan *plan;        /* NULL: none yet */
	struct bindings bindings; /* of the plan */
	struct workers_change change;
};

/*
 * Start wanted workers: the first in the given loop, which the caller runs, the
 * others each in its own thread.  One more can join the netwatch, the caller.
 * batch, secret: as for worker_new().  False if
 * not all could be started; call workers_free() in any case.
 */
bool workers_start(struct workers *workers, struct event_base *base,
    unsigned int wanted, unsigned int batch,
    const struct selfprobe_secret *secret);

/*
 * Pin each to its own processor.  False if the system does not support that, or
 * not for all.
 */
bool workers_pin(const struct workers *workers);

/*
 * Switch all workers to the plan with its bindings, or none: workers_prepare(),
 * then workers_advance() in one turn of the loop after another, then
 * workers_dispose().  One change at a time.
 *
 * workers_prepare() takes ownership of both.  For any thread; it may take long.
 * False when out of memory, which is logged; the others must follow all the
 * same.
 */
bool workers_prepare(struct workers *workers, struct plan *plan,
    const struct bindings *bindings);

/* Keep the previous plan after all, unless they have begun to commit. */
void workers_give_up(struct workers *workers);

enum workers_progress {
	WORKERS_MORE,
	WORKERS_SWITCHED, /* the plan is in use by all; and there is more */
	WORKERS_LATE,     /* one of them is stuck: try later, or never */
	WORKERS_DONE,
	WORKERS_GIVEN_UP /* the previous plan is in use */
};

/* The next slice.  Returns the last two once, at the end. */
enum workers_progress workers_advance(struct workers *workers);

/*
 * Free the previous plan, or the one that was given up, and close its sockets.
 * For any thread; it may take long.
 */
void workers_dispose(struct workers *workers);

/*
 * All of this at once, before the first datagram.  Takes ownership of both,
 * even on failure.  False when out of memory, which is logged.
 */
bool workers_apply(struct workers *workers, struct plan *plan,
    const struct bindings *bindings);

/* Wait until each worker is between two turns, or known to be stuck. */
void workers_barrier(const struct workers *workers);

/* worker_has_turned() of all: has each? */
bool workers_have_turned(const struct workers *workers);

/* Is this one, or any, stuck, even after waiting for it?  Logs which. */
bool workers_is_stuck(const struct workers *workers, unsigned int number);
bool workers_are_stuck(const struct workers *workers);

/*
 * Stop reading; what is queued is still sent.  True when nothing is queued;
 * call it repeatedly to find out.
 */
bool workers_stop(const struct workers *workers);

/* Drop and count what is queued. */
void workers_abandon(const struct workers *workers);

/* End all, close their sockets, free the plan.  Not if one is stuck. */
void workers_free(struct workers *workers);

#endif
