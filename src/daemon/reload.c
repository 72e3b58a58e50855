/* SPDX-License-Identifier: ISC */
/*
 * A reload up to the point where the workers use the new plan.  The rest, such
 * as the log and the HTTP side door, follows in app.c.
 */
#include "daemon/reload.h"

#include "daemon/base/log.h"
#include "daemon/errors.h"

/* Keep the previous value of what a reload cannot change, with a warning. */
static void
keep_lasting(struct config_values *fresh, const struct config_values *old)
{
	const struct config_key *key;

	for (key = keys_table; key->name != NULL; key++)
		if ((key->scope & CONFIG_LASTING) != 0 &&
		    config_keep(fresh, old, key))
			log_warning("%s cannot change while running: restart",
			    key->name);
}

/* The new plan; NULL if anything in it is wrong. */
static struct plan *
load_plan(const struct workers *workers, const struct command_line *command,
    struct limit *limit)
{
	const struct command_line reloading = { command->argc, command->argv,
		true };
	struct config_errors errors = { .lines = NULL };
	struct plan *plan = NULL;
	struct config config;

	if (load_config(&config, &reloading, &errors) == 0) {
		keep_lasting(&config.daemon, &workers->plan->config.daemon);
		plan = plan_new(&config, limit, &errors);
	} else
		config_clear(&config);
	errors_log(&errors);
	return plan;
}

bool
reload(struct workers *workers, const struct command_line *command,
    struct limit *limit)
{
	struct bindings bindings = { .workers = workers->bindings.workers,
		.files = workers->bindings.files,
		.stack = workers->bindings.stack,
		.secret = workers->bindings.secret };
	struct plan *plan;

	if (workers_are_stuck(workers))
		return false;
	plan = load_plan(workers, command, limit);
	if (plan == NULL)
		return false;
	if (bindings_open(&bindings, plan, &workers->bindings) != 0) {
		plan_free(plan);
		return false;
	}
	return workers_apply(workers, plan, &bindings);
}
