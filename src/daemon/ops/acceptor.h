/* SPDX-License-Identifier: ISC */
/*
 * Connections as they come: accepted a few at a time, so that datagrams have
 * their turn between them.
 */
#ifndef DAEMON_OPS_ACCEPTOR_H
#define DAEMON_OPS_ACCEPTOR_H

#include "daemon/ops/connections.h"

struct acceptor;
struct event_base;

/*
 * Listen on a non-blocking socket that is bound, which it owns from then on,
 * even on failure, and add what comes to the connections, which must outlive
 * it.  NULL on failure.
 */
struct acceptor *acceptor_new(
    struct event_base *base, intptr_t handle, struct connections *connections);

/* Close the socket and free; NULL is allowed. */
void acceptor_free(struct acceptor *acceptor);

#endif
