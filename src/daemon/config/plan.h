/* SPDX-License-Identifier: ISC */
/*
 * A configuration in the form that threads use: built whole or not at all,
 * read-only from then on, shared until the next one replaces it.
 */
#ifndef DAEMON_CONFIG_PLAN_H
#define DAEMON_CONFIG_PLAN_H

#include "daemon/config/config.h"
#include "daemon/path/settings.h"

/* A service instance and what answering for it depends on. */
struct plan_service {
	struct config_service *config;
	struct guard_rules rules;
	void *prepared;                   /* by the service; NULL: nothing */
	const struct fault_rules *faults; /* NULL: none are made */
	bool examines;                    /* see struct path_settings */
};

struct plan {
	struct config config;
	struct plan_service *services;
	size_t service_count;
	struct guard_policy policy;
	/* Of all workers but the first: each gets a copy of what is sent to
	 * broadcast or multicast, and one answer is enough. */
	struct guard_policy policy_of_others;
	struct mh_source_policy source;
	struct mh_source_policy strict_source; /* the same, but never relaxed */
	char node[CONFIG_NODE_MAX + 1];
};

/*
 * Report the errors that plan_new() would find in a configuration that already
 * has others.
 */
void plan_check(struct config *config, struct config_errors *errors);

/*
 * Make a plan from a configuration in which check_config() found no error.
 * Takes ownership of the configuration, even on failure.  limit: the rate
 * table, which outlives plans.  Every error is reported; NULL if there is one.
 */
struct plan *plan_new(
    struct config *config, struct limit *limit, struct config_errors *errors);

/*
 * The policy for that worker's socket.  Of what is sent to broadcast or
 * multicast each worker gets a copy.  Of a group that a socket is bound to, and
 * has joined, only one does; but it may be any (Linux 6.18: early
 * demultiplexing, then the choice of SO_REUSEPORT).
 */
const struct guard_policy *plan_policy(const struct plan *plan,
    unsigned int worker, const struct mh_address *bound);

/*
 * The policy for the source of that service's replies.  Clients of one that
 * chooses between our endpoints judge by which of them a reply comes from:
 * there, from elsewhere is worse than none.
 */
const struct mh_source_policy *plan_source(
    const struct plan *plan, const struct service *service);

/* Free it, with its configuration; NULL is allowed. */
void plan_free(struct plan *plan);

/* Of what a thread can remember, as much as somebody may ask for. */
struct path_memory plan_memory(
    const struct plan *plan, const struct path_memory *memory);

#endif
