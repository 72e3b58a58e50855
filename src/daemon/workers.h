/* SPDX-License-Identifier: ISC */
/*
 * All workers, and the plan that they answer by: what is done to one of them
 * is done to all or to none.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_WORKERS_H
#define DAEMON_WORKERS_H

#include "daemon/worker.h"

/* All zero to begin with. */
struct workers {
	struct worker **items;
	unsigned int count;
	struct plan *plan;        /* NULL: none yet */
	struct bindings bindings; /* of the plan */
};

/*
 * Start wanted workers: the first in that loop, which the caller runs, each of
 * the others in a thread of its own.  batch, secret: as worker_new().  False
 * if not all could be started; workers_free() in any case.
 */
bool workers_start(struct workers *workers, struct event_base *base,
    unsigned int wanted, unsigned int batch,
    const struct selfprobe_secret *secret);

/*
 * Keep each on a processor of its own.  False if the system does not do that,
 * or not for all.
 */
bool workers_pin(const struct workers *workers);

/*
 * Have all workers go over to that plan with those bindings, and free the
 * previous ones; or none, and free the new ones.  Takes both over in any case.
 * False when out of memory, which is logged.
 */
bool workers_apply(struct workers *workers, struct plan *plan,
    const struct bindings *bindings);

/* Wait until each is between two turns, or known to be stuck. */
void workers_barrier(const struct workers *workers);

/* Is there one that is stuck, even after waiting for it?  Logs which. */
bool workers_are_stuck(const struct workers *workers);

/*
 * Stop reading; what is queued is still sent.  True when nothing is queued;
 * call again to see.
 */
bool workers_stop(const struct workers *workers);

/* Drop and count what is queued. */
void workers_abandon(const struct workers *workers);

/* End all, close their sockets, free the plan.  Not if one is stuck. */
void workers_free(struct workers *workers);

#endif
