/* SPDX-License-Identifier: ISC */
/*
 * Follows the addresses and interfaces of this host, once for all workers and
 * in a thread of its own: with thousands of addresses a change takes longer to
 * handle than a client may have to wait for its answer.  It also reads which
 * interfaces are congested.
 *
 * All functions are for the main thread.
 */
#ifndef DAEMON_NETWATCH_H
#define DAEMON_NETWATCH_H

#include "daemon/localnet.h"
#include "daemon/path/congestion.h"

struct event_base;
struct netwatch;

/*
 * Read what this host has now, and follow it, for that number of workers.
 * Where there are no threads, this happens in the caller's loop.  If the system
 * cannot report addresses, that is no error.  NULL when out of memory or file
 * descriptors.
 */
struct netwatch *netwatch_new(struct event_base *base, unsigned int workers);

/* The congested interfaces; valid until netwatch_free(). */
struct congestion *netwatch_congestion(struct netwatch *netwatch);

/*
 * Call function(argument, localnet) for worker `number`: at once, unless
 * nothing could be read, and after each change from that worker's loop, base,
 * which must not run yet.  The function owns the reference.  False when out of
 * memory.
 */
bool netwatch_join(struct netwatch *netwatch, unsigned int number,
    struct event_base *base,
    void (*function)(void *argument, struct localnet *localnet),
    void *argument);

/*
 * Undo that.  The worker's loop must no longer run.  A second call does no
 * harm.
 */
void netwatch_leave(struct netwatch *netwatch, unsigned int number);

/* End it, after all have left; NULL is allowed. */
void netwatch_free(struct netwatch *netwatch);

#endif
