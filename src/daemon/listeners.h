/* SPDX-License-Identifier: ISC */
/*
 * All listeners of one worker, and what they share: the addresses of this
 * host, and which endpoints are our own.  Called in the worker's thread.
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "daemon/bindings.h"
#include "daemon/localnet.h"
#include "daemon/path/ends.h"
#include "daemon/path/listener.h"
#include "platform/network.h"

/* A plan that they may switch to. */
struct listeners_change {
	const struct plan *plan; /* NULL: there is none */
	const struct bindings *bindings;
	struct listener **listeners; /* one for each binding */
	void **states;     /* for each kept listener that needs another one */
	struct ends *ends; /* one for each service of the plan */
	struct guard_own own; /* its endpoints */
};

/* Initially all zero, except the first four. */
struct listeners {
	unsigned int number; /* of the worker: which sockets it gets */
	const struct selfprobe_secret *secret;
	struct event_base *base;
	struct mh_batch *batch;
	struct localnet *localnet; /* NULL: nothing is known */
	/* Copies of parts of it, which own nothing. */
	struct host_network network;
	struct ends_addresses addresses;
	struct guard_own own;
	struct loops loops;
	struct neighbours neighbours;
	struct listener **items; /* one for each binding; NULL: none */
	size_t count;
	struct ends *ends; /* one for each service of the plan */
	size_t ends_count;
	struct listeners_change change;
};

/*
 * Use these addresses and interfaces of this host from now on.  The reference
 * is taken over; what was used before is let go of.
 */
void listeners_learn(struct listeners *all, struct localnet *fresh);

/*
 * The first step to another plan: take over the bindings' fresh sockets and
 * prepare everything else.  False when out of memory; either way, one of the
 * next two must follow.  plan and bindings must last until then.
 */
bool listeners_prepare(struct listeners *all, const struct plan *plan,
    const struct bindings *bindings);

/* The second, which cannot fail: use the plan from now on. */
void listeners_commit(struct listeners *all);

/* Or: close what was taken over, and keep the previous plan. */
void listeners_discard(struct listeners *all);

/*
 * The interface that a binding is bound to by its address or device was made
 * anew, with this index: follow it.  bound: as in the binding.  False if the
 * system does not allow that.
 */
bool listeners_move(struct listeners *all, size_t binding,
    const struct mh_address *bound, uint32_t if_index);

/* Stop reading; what is queued is still sent.  True when nothing is left. */
bool listeners_stop(struct listeners *all);

/* Drop and count what is queued. */
void listeners_abandon(struct listeners *all);

/* Close and free everything. */
void listeners_clear(struct listeners *all);

#endif
