/* SPDX-License-Identifier: ISC */
/*
 * Where a configuration comes from, at start and at each reload.
 */
#include "daemon/config/load.h"

#include "daemon/config/check.h"
#include "daemon/config/include.h"
#include "daemon/config/options.h"
#include "daemon/config/plan.h"

/* Is there any service? */
static int
check_services(const struct config *config, struct config_errors *errors)
{
	if (config->service_count > 0)
		return 0;
	if (config->path == NULL) {
		config_error(errors, "no service given");
		return CONFIG_EXIT_USAGE;
	}
	config_error(errors, "%s: no [SERVICE] section", config->path);
	return CONFIG_EXIT_CONFIG;
}

int
load_config(struct config *config, const struct command_line *command,
    struct config_errors *errors)
{
	int status = 0;

	if (!config_init(config, errors)) {
		if (errors->count > 0)
			return CONFIG_EXIT_CONFIG;
		config_error(errors, "out of memory");
		return CONFIG_EXIT_OSERR;
	}
	options_parse(config, command->argc, command->argv, errors);
	if (errors->count > 0)
		return CONFIG_EXIT_USAGE;
	if (config->path != NULL)
		status = include_read(config, command->is_reload, errors);
	if (config->action == CONFIG_RUN || config->action == CONFIG_TEST ||
	    config->action == CONFIG_DUMP) {
		check_config(config, errors);
		if (status == 0)
			status = check_services(config, errors);
	}
	if (errors->count > 0)
		plan_check(config, errors);
	if (errors->count > 0 && status == 0)
		status = config->path != NULL ? CONFIG_EXIT_CONFIG
					      : CONFIG_EXIT_USAGE;
	return status;
}
