/* SPDX-License-Identifier: ISC */
/*
 * mhctl(8): read the command line and do what it says.
 */
#include "ctl/ask.h"
#include "ctl/usage.h"

static int
act(const struct ctl_options *options)
{
	switch (options->action) {
	case CTL_HELP:
		ctl_usage_print_help(stdout);
		break;
	case CTL_VERSION:
		ctl_usage_print_version(stdout);
		break;
	case CTL_ASK:
		return ctl_ask(options, stdout, stderr);
	}
	return fflush(stdout) == 0 ? CTL_EXIT_OK : CTL_EXIT_ABSENT;
}

int
main(int argc, char *argv[])
{
	struct ctl_options options;
	char why[REQUEST_WHY];

	if (ctl_options_read(&options, argc, argv, why))
		return act(&options);
	fprintf(stderr, "mhctl: %s\n", why);
	ctl_usage_print(stderr);
	return CTL_EXIT_USAGE;
}
