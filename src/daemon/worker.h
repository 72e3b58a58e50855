/* SPDX-License-Identifier: ISC */
/*
 * A worker: an event loop with listeners, in its own thread or the main one.
 * Workers share the plan, read-only, and the rate table.
 *
 * All functions are for the main thread, but for worker_prepare() and
 * worker_dispose().
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "daemon/bindings.h"
#include "daemon/config/plan.h"

struct event_base;
struct listener;
struct listeners;
struct netwatch;
struct worker;

/*
 * An event loop for a worker: it reads the clock for timers only, not in each
 * turn.  NULL when out of memory or file descriptors.
 */
struct event_base *worker_loop(void);

/*
 * A new worker.  base: use this loop, which the caller runs; NULL: start a new
 * thread with its own loop.  number: from 0; selects its sockets from the
 * bindings.  batch: datagrams per system call.  secret: of the self-probe.
 * netwatch: reports this host's addresses.  Both must outlive the worker.  NULL
 * on failure.
 */
struct worker *worker_new(struct event_base *base, unsigned int number,
    unsigned int batch, const struct selfprobe_secret *secret,
    struct netwatch *netwatch);

/*
 * Call a function that is quick, in the worker's thread, between two of its
 * turns.  False if it is stuck: the function has not been called then.
 */
bool worker_visit(struct worker *worker,
    void (*function)(const struct listeners *listeners, void *argument),
    void *argument);

/*
 * Pin it to its own processor, as one of count workers; call this after all of
 * them have been created.  False if the system does not support that.
 */
bool worker_pin(struct worker *worker, unsigned int count);

/*
 * Switching to a plan: worker_prepare(), then worker_advance() with each step
 * in turn, then worker_dispose(); so that either all workers do or none.  The
 * first one and WORKER_WATCH may fail: WORKER_DETACH must be the next step
 * then.  Both plans with their bindings must last until the end.
 *
 * worker_prepare() takes over the bindings' fresh sockets and prepares
 * everything else; for any thread.  False when out of memory.
 */
bool worker_prepare(struct worker *worker, const struct plan *plan,
    const struct bindings *bindings);

enum worker_step {
	WORKER_WATCH,  /* the fresh sockets begin to answer */
	WORKER_COMMIT, /* kept ones follow the new plan */
	WORKER_DETACH  /* what is left over stops: of the previous plan, or of
			* this one if it was not committed */
};

enum worker_progress {
	WORKER_MORE,
	WORKER_DONE,
	WORKER_FAILED, /* only WORKER_WATCH */
	WORKER_LATE    /* nothing was done: see worker_barrier() */
};

/*
 * The next slice of a step; takes well under a millisecond.  The loops must get
 * their turn between two slices.
 */
enum worker_progress worker_advance(
    struct worker *worker, enum worker_step step);

/* After WORKER_COMMIT, let worker_listener() see the new plan's listeners. */
void worker_switch(struct worker *worker);

/*
 * Close and free what is left over, after WORKER_DETACH; for any thread.  Does
 * nothing if nothing was prepared.
 */
void worker_dispose(struct worker *worker);

/*
 * The interface of one of its bindings was made anew: listeners_move().  False
 * if the socket cannot follow, or the worker is stuck.
 */
bool worker_move(struct worker *worker, size_t binding,
    const struct mh_address *bound, uint32_t if_index);

/*
 * Stop reading; what is queued is still sent.  True when nothing is queued;
 * call it repeatedly to find out.
 */
bool worker_stop(struct worker *worker);

/* Drop and count what is queued. */
void worker_abandon(struct worker *worker);

/* Close everything, end the thread, free; NULL is allowed.  Not if stuck. */
void worker_free(struct worker *worker);

/*
 * Wait until it is between two turns: every datagram that it has received is
 * counted by its outcome.  The wait is short, and a stuck worker is waited for
 * only once: the daemon must remain able to report it.  False if it is stuck;
 * then it must not be called any more except to stop.
 */
bool worker_barrier(struct worker *worker);

/* The same, but wait once more for one that was stuck: is it still? */
bool worker_answers(struct worker *worker);

/* Has it been between two turns since the last call?  Does not wait. */
bool worker_has_turned(struct worker *worker);

/*
 * Its listener for a binding of the plan, for the counters; NULL if it has
 * none.
 */
const struct listener *worker_listener(
    const struct worker *worker, size_t binding);

#endif
