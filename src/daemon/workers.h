/* SPDX-License-Identifier: ISC */
/*
 * All workers, and the plan that they use: what is done to one of them is done
 * to all or to none.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_WORKERS_H
#define DAEMON_WORKERS_H

#include "daemon/worker.h"

/* Initially all zero. */
struct workers {
	struct worker **items;
	unsigned int count;
	struct netwatch *netwatch;
	struct plan *plan;        /* NULL: none yet */
	struct bindings bindings; /* of the plan */
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
 * Switch all workers to the plan with its bindings, and free the previous ones;
 * or switch none, and free the new ones.  Takes ownership of both, even on
 * failure.  False when out of memory, which is logged.
 */
bool workers_apply(struct workers *workers, struct plan *plan,
    const struct bindings *bindings);

/* Wait until each worker is between two turns, or known to be stuck. */
void workers_barrier(const struct workers *workers);

/* worker_has_turned() of all: has each? */
bool workers_have_turned(const struct workers *workers);

/* Is any of them stuck, even after waiting for it?  Logs which. */
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
