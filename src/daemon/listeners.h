/* SPDX-License-Identifier: ISC */
/*
 * All listeners of one worker, and what they share: the addresses of this
 * host, and which endpoints are our own.  Called in the worker's thread.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "daemon/bindings.h"
#include "daemon/path/ends.h"
#include "daemon/path/listener.h"
#include "platform/network.h"

/* A plan that they may go over to. */
struct listeners_change {
	const struct plan *plan; /* NULL: there is none */
	const struct bindings *bindings;
	struct listener **listeners; /* one for each binding */
	void **states; /* for each listener that goes on and needs another */
	struct ends *ends;    /* one for each service of the plan */
	struct guard_own own; /* its endpoints */
};

/* All zero but for the first four to begin with. */
struct listeners {
	unsigned int number; /* of the worker: which sockets are theirs */
	const struct selfprobe_secret *secret;
	struct event_base *base;
	struct mh_batch *batch;
	struct host_network network;
	struct ends_addresses addresses;
	struct guard_own own;
	struct listener **items; /* one for each binding; NULL: none */
	size_t count;
	struct ends *ends; /* one for each service of the plan */
	size_t ends_count;
	struct listeners_change change;
};

/* The addresses or interfaces of this host changed, or are not known yet. */
void listeners_learn(struct listeners *all);

/*
 * The first step to another plan: take the bindings' fresh sockets over and
 * make ready for all else.  False when out of memory; then, too, one of the
 * next two has to follow.  plan and bindings must last until then.
 */
bool listeners_prepare(struct listeners *all, const struct plan *plan,
    const struct bindings *bindings);

/* The second, which cannot fail: answer by the plan from now on. */
void listeners_commit(struct listeners *all);

/* Or: close what was taken over, and go on as before. */
void listeners_discard(struct listeners *all);

/* Stop reading; what is queued is still sent.  True when nothing is left. */
bool listeners_stop(struct listeners *all);

/* Drop and count what is queued. */
void listeners_abandon(struct listeners *all);

/* Close and free everything. */
void listeners_clear(struct listeners *all);

#endif
