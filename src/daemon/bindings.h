/* SPDX-License-Identifier: ISC */
/*
 * The sockets of a plan: one binding for each, with a socket for each worker.
 * Opened all or none; a socket that the plan before had is kept.
 */
#ifndef DAEMON_BINDINGS_H
#define DAEMON_BINDINGS_H

#include "daemon/config/plan.h"
#include "daemon/path/respond.h"

/* Sockets of a service manager for one service; more are not used. */
#define BINDINGS_INHERITED_MAX 16

struct binding {
	size_t service;             /* in plan->services */
	struct mh_address endpoint; /* as configured */
	unsigned int half;          /* 0, or 1: the second of a pair */
	size_t pair;                /* which of the service's endpoints... */
	bool is_other;              /* ...or the other port beside that */
	unsigned int want;          /* MH_CAN_* that were asked for */
	unsigned int can;           /* MH_CAN_* that it can */
	struct mh_address bound;
	unsigned int choices; /* sockets that the self-probe can choose from,
			       * one for each worker; 1: it cannot */
	bool kept;            /* the binding before goes on... */
	size_t before;        /* ...which was this number */
	struct mh_socket **fresh; /* for each worker, taken over by it; else
				   * NULL */
};

struct bindings {
	struct binding *items;
	size_t count;
	unsigned int workers;
	enum mh_stack stack; /* of endpoints of every address */
	const struct selfprobe_secret *secret; /* of the self-probe */
	unsigned int notices;                  /* those that have been logged */
	unsigned int lacking;                  /* MH_CAN_* logged as missing */
	bool unsteered; /* logged: no choice of sockets */
};

/*
 * Open what plan needs and previous does not have; log what is wrong. bindings:
 * empty but for workers and stack.  previous: of the running plan, with count
 * 0 at start.  Returns 0; or an exit code, and then nothing has been opened.
 */
int bindings_open(struct bindings *bindings, const struct plan *plan,
    const struct bindings *previous);

/* Close what nobody has taken over, and free. */
void bindings_clear(struct bindings *bindings);

#endif
