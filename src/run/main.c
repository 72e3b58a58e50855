/* SPDX-License-Identifier: ISC */
/*
 * mhrun(1): read the command line and do what it says.
 */
#include "run/command.h"
#include "run/group/group.h"
#include "run/options.h"
#include "run/usage.h"

static int
act(const struct run_options *options)
{
	switch (options->action) {
	case RUN_HELP:
		run_usage_print_help(stdout);
		break;
	case RUN_VERSION:
		run_usage_print_version(stdout);
		break;
	case RUN_PRELOAD:
		return command_preload(options);
	default:
		return group_run(options);
	}
	return fflush(stdout) == 0 ? RUN_EXIT_OK : RUN_EXIT_FAILED;
}

int
main(int argc, char *argv[])
{
	struct run_options options;
	char why[RUN_WHY];

	if (run_options_read(&options, argc, argv, why))
		return act(&options);
	fprintf(stderr, "mhrun: %s\n", why);
	run_usage_print(stderr);
	return RUN_EXIT_FAILED;
}
