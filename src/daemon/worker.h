/* SPDX-License-Identifier: ISC */
/*
 * A worker: an event loop with listeners, in its own thread or the main one.
 * Workers share the plan, read-only, and the rate table.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "daemon/bindings.h"
#include "daemon/config/plan.h"

struct event_base;
struct listener;
struct netwatch;
struct worker;

/*
 * A new worker.  base: use this loop, which the caller runs; NULL: start a new
 * thread with its own loop.  number: from 0; selects its sockets from the
 * bindings.  batch: datagrams per system call.  secret: of the self-probe.
 * netwatch: tells of this host's addresses.  Both must outlive the worker. NULL
 * on failure.
 */
struct worker *worker_new(struct event_base *base, unsigned int number,
    unsigned int batch, const struct selfprobe_secret *secret,
    struct netwatch *netwatch);

/*
 * Pin it to its own processor, as one of count workers; call this after all of
 * them have been created.  False if the system does not support that.
 */
bool worker_pin(struct worker *worker, unsigned int count);

/*
 * Switching to a plan has two steps, so that either all workers do or none.
 *
 * The first one may fail: take over the bindings' fresh sockets and prepare
 * everything else.  False when out of memory.  Both plan and bindings must last
 * until the second.
 */
bool worker_prepare(struct worker *worker, const struct plan *plan,
    const struct bindings *bindings);

/*
 * The second one cannot fail: keep and close sockets according to the bindings,
 * and use the plan from the next datagram on.  When it returns, the worker no
 * longer refers to the previous plan.
 */
void worker_commit(struct worker *worker);

/*
 * Or: close what was taken over, and keep the previous plan.  Allowed without
 * worker_prepare(), or after it failed.
 */
void worker_discard(struct worker *worker);

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
