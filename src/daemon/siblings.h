/* SPDX-License-Identifier: ISC */
/*
 * Connects the sockets of each service with one another, where the service can
 * reply from one other than the one asked.
 */
#ifndef DAEMON_SIBLINGS_H
#define DAEMON_SIBLINGS_H

#include "daemon/bindings.h"
#include "daemon/path/ends.h"
#include "daemon/path/listener.h"

/*
 * The ends of each service of the plan, still without members.  addresses: of
 * this host, which must outlive them.  NULL when out of memory.
 */
struct ends *siblings_new(const struct plan *plan,
    const struct bindings *bindings, const struct ends_addresses *addresses);

/* Add the members; listeners: one for each binding, or NULL. */
void siblings_join(struct ends *ends, const struct plan *plan,
    const struct bindings *bindings, struct listener *const *listeners);

/* Free the ends of count services; NULL is allowed. */
void siblings_free(struct ends *ends, size_t count);

#endif
