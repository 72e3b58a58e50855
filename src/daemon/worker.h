/* SPDX-License-Identifier: ISC */
/*
 * A worker: an event loop with listeners, in a thread of its own or in the
 * main one.  Workers share the plan, read-only, and the table of rates.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "daemon/respond.h"
#include "daemon/slots.h"

struct event_base;
struct listener;
struct worker;

/*
 * A new worker.  base: run in that loop, which the caller runs; NULL: in a
 * loop and a thread of its own.  number: from 0; which sockets of the slots it
 * takes.  batch: datagrams a system call.  secret: of the self-probe; must
 * last.  NULL if it cannot be made.
 */
struct worker *worker_new(struct event_base *base, unsigned int number,
    unsigned int batch, const struct respond_secret *secret);

/*
 * Keep it on a processor of its own, as one of count workers; when all of them
 * are there.  False if the system does not do that.
 */
bool worker_pin(struct worker *worker, unsigned int count);

/*
 * Go over to a plan: keep, take over and close sockets as the slots say, and
 * answer by it from the next datagram on.  Returns when that is done, and then
 * the worker knows the plan before no more; false when out of memory, and
 * then nothing has changed but that the slots' fresh sockets are closed.
 */
bool worker_apply(
    struct worker *worker, const struct plan *plan, const struct slots *slots);

/*
 * Stop reading; what is queued is still sent.  True when nothing is queued;
 * call again to see.
 */
bool worker_stop(struct worker *worker);

/* Drop and count what is queued. */
void worker_abandon(struct worker *worker);

/* Close everything, end the thread, free; NULL is allowed. */
void worker_free(struct worker *worker);

/*
 * Wait until it is between two turns: every datagram that it has received is
 * counted with what became of it.
 */
void worker_settle(struct worker *worker);

/*
 * Its listeners, one for each slot of the plan, for their counters; NULL
 * where it has none.
 */
const struct listener *worker_listener(
    const struct worker *worker, size_t slot);

#endif
