/* SPDX-License-Identifier: ISC */
/*
 * What a configuration becomes: built whole or not at all, read-only from then
 * on, shared by all threads until the next one replaces it.
 */
#ifndef DAEMON_CONFIG_PLAN_H
#define DAEMON_CONFIG_PLAN_H

#include "daemon/config/config.h"
#include "daemon/path/guard.h"

/* A service and all that answering for it depends on. */
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
 * Name what plan_new() would find wrong, of a configuration in which there are
 * other errors already.
 */
void plan_check(struct config *config, struct config_errors *errors);

/*
 * Make a plan of a configuration that check_config() found no error in, and
 * take the configuration over in any case.  limit: the table of rates, which
 * outlives plans.  Every error is named; NULL if there is one.
 */
struct plan *plan_new(
    struct config *config, struct limit *limit, struct config_errors *errors);

void plan_free(struct plan *plan);

#endif
