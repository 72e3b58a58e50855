/* SPDX-License-Identifier: ISC */
/*
 * All listeners of one worker, and what they share: the addresses of this
 * host, and which endpoints are our own.  Called in the worker's thread, except
 * for listeners_prepare() and listeners_dispose().
 */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include "daemon/bindings.h"
#include "daemon/localnet.h"
#include "daemon/path/ends.h"
#include "daemon/path/listener.h"
#include "platform/network.h"

/*
 * A plan that they switch to, and what is left over then: of the previous plan,
 * or of this one if it is given up.
 */
struct listeners_change {
	const struct plan *plan;         /* NULL: there is none */
	const struct bindings *bindings; /* until it is committed */
	size_t count;                    /* of them */
	struct listener **listeners;     /* one for each */
	struct listener **retired;       /* of the previous plan; NULL: kept */
	size_t retired_count;
	void **states;      /* for each kept listener that needs another one */
	struct ends **ends; /* for each service of the plan; or NULL */
	size_t ends_count;
	struct guard_own own; /* its endpoints */
	bool is_committed;    /* listeners, states, ends: the previous ones */
};

/* Initially all zero, except the first five. */
struct listeners {
	unsigned int number; /* of the worker: which sockets it gets */
	const struct selfprobe_secret *secret;
	struct event_base *base;
	struct mh_batch *batch;
	struct congestion *congestion;
	struct path_memory memory; /* of what its peers do */
	struct localnet *localnet; /* NULL: nothing is known */
	/* Copies of parts of it, which own nothing. */
	struct host_network network;
	struct guard_own own;
	struct loops loops;
	struct neighbours neighbours;
	struct listener **items; /* one for each binding; NULL: none */
	size_t count;
	struct ends **ends; /* for each service of the plan; or NULL */
	size_t ends_count;
	struct listeners_change change;
	/* Of the worker's thread alone: */
	size_t position; /* in a step of the change */
	size_t watched;  /* bindings of it that may have a running listener */
};

/*
 * Use these addresses and interfaces of this host from now on.  The reference
 * is taken over; the previous one is released.
 */
void listeners_learn(struct listeners *all, struct localnet *fresh);

/*
 * Switching to another plan: prepare, watch, commit, detach, dispose; or, to
 * give it up before it is committed: prepare, detach, dispose.  The listeners
 * that are kept go on answering: what takes long, prepare and dispose, is for
 * another thread, and the rest is done in slices.  Both plans with their
 * bindings must last until the end.
 *
 * Prepare: take over the bindings' fresh sockets and allocate everything. False
 * when out of memory.
 */
bool listeners_prepare(struct listeners *all, const struct plan *plan,
    const struct bindings *bindings);

/* These do a slice; do the next one in another turn of the loop. */
enum listeners_progress {
	LISTENERS_MORE,
	LISTENERS_DONE,
	LISTENERS_FAILED /* out of memory, or of what the system allows */
};

/* Watch the fresh sockets; they answer as the new plan says. */
enum listeners_progress listeners_watch(struct listeners *all);

/* Let the kept ones follow the plan, too; cannot fail. */
enum listeners_progress listeners_commit(struct listeners *all);

/* Stop what is left over; cannot fail. */
enum listeners_progress listeners_detach(struct listeners *all);

/* Close and free what is left over.  Does nothing without a change. */
void listeners_dispose(struct listeners *all);

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
