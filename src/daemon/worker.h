/* SPDX-License-Identifier: ISC */
/*
 * A worker: an event loop with listeners, in a thread of its own or in the
 * main one.  Workers share the plan, read-only, and the table of rates.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "daemon/bindings.h"
#include "daemon/config/plan.h"

struct event_base;
struct listener;
struct worker;

/*
 * A new worker.  base: run in that loop, which the caller runs; NULL: in a
 * loop and a thread of its own.  number: from 0; which sockets of the bindings
 * it takes.  batch: datagrams a system call.  secret: of the self-probe; must
 * last.  NULL if it cannot be made.
 */
struct worker *worker_new(struct event_base *base, unsigned int number,
    unsigned int batch, const struct selfprobe_secret *secret);

/*
 * Keep it on a processor of its own, as one of count workers; when all of them
 * are there.  False if the system does not do that.
 */
bool worker_pin(struct worker *worker, unsigned int count);

/*
 * Going over to a plan has two steps, so that all workers do it or none.
 *
 * The first one may fail: take the bindings' fresh sockets over and make ready
 * for all else.  False when out of memory.  Both must last until the second.
 */
bool worker_prepare(struct worker *worker, const struct plan *plan,
    const struct bindings *bindings);

/*
 * The second one cannot fail: keep and close sockets as the bindings say, and
 * answer by the plan from the next datagram on.  Returns when that is done,
 * and then the worker knows the plan before no more.
 */
void worker_commit(struct worker *worker);

/*
 * Or: close what was taken over, and go on as before.  Also for one that has
 * not prepared, or failed to.
 */
void worker_discard(struct worker *worker);

/*
 * Stop reading; what is queued is still sent.  True when nothing is queued;
 * call again to see.
 */
bool worker_stop(struct worker *worker);

/* Drop and count what is queued. */
void worker_abandon(struct worker *worker);

/* Close everything, end the thread, free; NULL is allowed.  Not if stuck. */
void worker_free(struct worker *worker);

/*
 * Wait until it is between two turns: every datagram that it has received is
 * counted with what became of it.  But not for long, and only once for one
 * that is stuck: a daemon with such a worker must still be able to say so.
 * False if it is stuck; nothing else may be asked of it then but to stop.
 */
bool worker_barrier(struct worker *worker);

/* The same, but wait for one that was stuck before, too: is it still? */
bool worker_answers(struct worker *worker);

/*
 * Its listeners, one for each binding of the plan, for their counters; NULL
 * where it has none.
 */
const struct listener *worker_listener(
    const struct worker *worker, size_t binding);

#endif
