/* SPDX-License-Identifier: ISC */
/*
 * Sockets that are bound to an interface, by a link-local address or by a
 * service manager, when that is deleted and made anew: a reconnect, a bridge
 * built again.  It has another index then, and the system would let the sockets
 * wait for the old one for ever.
 */
#ifndef DAEMON_INTERFACES_H
#define DAEMON_INTERFACES_H

#include "daemon/localnet.h"
#include "daemon/others.h"
#include "daemon/workers.h"

struct event_base;

/* Initially all zero. */
struct interfaces {
	struct workers *workers;
	struct localnet *localnet; /* the last one; NULL: nothing is known */
	unsigned int number;       /* at workers->netwatch */
	bool is_paused;
	struct others others;
	struct interfaces_http *https; /* where http is listening */
	size_t http_count;
};

/*
 * Follow the interfaces of the workers' bindings, after interfaces_resume(); by
 * the main thread, whose loop is base.  All workers have been started.  http:
 * where that is listening; its sockets cannot follow, but their loss is logged.
 * False when out of memory.
 */
bool interfaces_watch(struct interfaces *interfaces, struct workers *workers,
    const struct config_endpoints *http, struct event_base *base);

/* Not while the workers switch to another plan... */
void interfaces_pause(struct interfaces *interfaces);

/* ...and then catch up with what has happened, for the new bindings as well. */
void interfaces_resume(struct interfaces *interfaces);

/* No longer.  Before workers_free(). */
void interfaces_clear(struct interfaces *interfaces);

#endif
