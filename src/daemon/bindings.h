/* SPDX-License-Identifier: ISC */
/*
 * The sockets of a plan: a binding for each, with a socket per worker.  All are
 * opened or none; those that the previous plan also has are kept.
 */
#ifndef DAEMON_BINDINGS_H
#define DAEMON_BINDINGS_H

#include "daemon/config/plan.h"
#include "daemon/ops/selfprobe.h"
#include "daemon/path/respond.h"
#include "platform/network.h"

#include <stdatomic.h>

/* Sockets from a service manager per service; more are an error. */
#define BINDINGS_INHERITED_MAX 16

struct binding {
	size_t service;             /* in plan->services */
	struct mh_address endpoint; /* as configured */
	unsigned int half;          /* 0; 1: the second of a pair of sockets */
	size_t pair;                /* which of the service's endpoints... */
	bool is_other;              /* ...or the one with its other port */
	unsigned int want;          /* MH_CAN_* that were requested */
	unsigned int can;           /* MH_CAN_* that it has */
	struct mh_address bound;
	uint32_t device; /* as mh_socket_info.device */
	/* That of its scope or device; "": not known. */
	char interface[HOST_INTERFACE_NAME];
	bool is_cut_off;          /* there is no such interface, as logged */
	unsigned int selectable;  /* sockets that the self-probe can select,
				   * one for each worker; 1: it cannot */
	bool kept;                /* a binding of the previous plan... */
	size_t before;            /* ...which had this number there */
	struct mh_socket **fresh; /* new ones, until the workers take them
				   * over; else NULL */
};

struct bindings {
	struct binding *items;
	size_t count, room;
	struct selfprobe_target *targets; /* one for each */
	unsigned int workers;
	uint64_t files;      /* the most that may be open; 0: any number */
	enum mh_stack stack; /* for endpoints without an address */
	const struct selfprobe_secret *secret; /* of the self-probe */
	const atomic_bool *cancelled; /* if set, open no more; NULL: never */
	unsigned int notices;         /* MH_NOTICE_* that were logged */
	unsigned int lacking;         /* MH_CAN_* logged as missing */
	bool unselectable;            /* logged: selectable is 1 */
};

/*
 * Open what plan needs and previous does not have; log what is wrong.
 * bindings: all zero except workers, files, stack, secret and cancelled.
 * previous: of the running plan; at start, one with count 0.  Returns 0; or an
 * exit code, with nothing left open that was not before.
 */
int bindings_open(struct bindings *bindings, const struct plan *plan,
    const struct bindings *previous);

/* Close the sockets that no worker has taken over, and free the tables. */
void bindings_clear(struct bindings *bindings);

#endif
