/* SPDX-License-Identifier: ISC */
/*
 * Connects the sockets of each service with one another, where the service can
 * reply from one other than the one asked.
 */
#ifndef DAEMON_SIBLINGS_H
#define DAEMON_SIBLINGS_H

#include "daemon/bindings.h"
#include "daemon/localnet.h"
#include "daemon/path/ends.h"
#include "daemon/path/listener.h"

/*
 * The ends of each service of the plan, which must outlive them, still without
 * members and addresses; NULL for those that do not want them, which are most.
 * NULL when out of memory.
 */
struct ends **siblings_new(
    const struct plan *plan, const struct bindings *bindings);

/* Let the ends heed what is configured of the addresses of their service. */
void siblings_heed(struct ends *ends, const struct plan_service *service);

/* Add the members; listeners: one for each binding, or NULL. */
void siblings_join(struct ends *const *ends, const struct bindings *bindings,
    struct listener *const *listeners);

/*
 * Let the ends of count services follow this host's addresses; NULL: nothing is
 * known of them.  In the thread that answers.
 */
void siblings_learn(struct ends *const *ends, size_t count,
    const struct localnet *localnet, const struct guard_own *own);

/* Free the ends of count services; NULL is allowed. */
void siblings_free(struct ends **ends, size_t count);

#endif
