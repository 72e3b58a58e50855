/* SPDX-License-Identifier: ISC */
/*
 * multihomed(8): read the command line and do what it says.
 */
#include "daemon/app.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "daemon/selftest.h"

#include <stdlib.h>

static int
act(const struct config *config)
{
	switch (config->action) {
	case CONFIG_HELP:
		options_print_help(stdout);
		return 0;
	case CONFIG_VERSION:
		options_print_version(stdout);
		return 0;
	case CONFIG_SELF_TEST:
		return selftest_print();
	default:
		return app_run(config);
	}
}

int
main(int argc, char *argv[])
{
	struct config config = { .action = CONFIG_RUN };
	struct mh_problem problem;
	char why[CONFIG_WHY];
	int status = CONFIG_EXIT_USAGE;

	if (!options_parse(&config, argc, argv, why)) {
		log_error("%s", why);
		options_print_usage(stderr);
	} else if (mh_platform_init(&problem) != 0) {
		log_error("%s: %s", problem.what, problem.text);
		status = CONFIG_EXIT_OSERR;
	} else {
		log_open(config.verbosity);
		status = act(&config);
	}
	config_clear(&config);
	return status;
}
