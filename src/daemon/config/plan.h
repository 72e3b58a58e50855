/* SPDX-License-Identifier: ISC */
/*
 * A configuration in the form that threads use: built whole or not at all,
 * read-only from then on, shared until the next one replaces it.
 */
#ifndef DAEMON_CONFIG_PLAN_H
#define DAEMON_CONFIG_PLAN_H

#include "daemon/config/config.h"
#include "daemon/path/guard.h"

/* A service instance and what answering for it depends on. */
struct plan_service {
	struct config_service *config;
	struct guard_rules rules;
	void *prepared; /* by the service; NULL: nothing */
};

struct plan {
	struct config config;
	struct plan_service *services;
	size_t service_count;
	struct guard_policy policy;
	struct mh_source_policy source;
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

/* Free it, with its configuration; NULL is allowed. */
void plan_free(struct plan *plan);

#endif
