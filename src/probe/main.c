/* SPDX-License-Identifier: ISC */
/*
 * mhprobe(1): read the command line and do what it says.
 */
#include "probe/arguments.h"
#include "probe/keyfile.h"
#include "probe/loop.h"
#include "probe/options.h"
#include "probe/targetfile.h"
#include "probe/usage.h"
#include "platform/program.h"
#include "platform/terminal.h"

static int
act(const struct options *options)
{
	struct mh_problem problem;

	switch (options->action) {
	case OPTIONS_HELP:
		usage_print_help(stdout);
		return OPTIONS_EXIT_OK;
	case OPTIONS_VERSION:
		usage_print_version(stdout);
		return OPTIONS_EXIT_OK;
	case OPTIONS_RUN:
		break;
	}
	/* Each target has a socket of its own. */
	host_raise_limits();
	if (mh_platform_init(&problem) == 0)
		return loop_run(options);
	fprintf(stderr, "mhprobe: %s: %s\n", problem.what, problem.text);
	return OPTIONS_EXIT_ERROR;
}

/* A result that cannot be written is none. */
static int
check_output(int status)
{
	int bad = ferror(stdout);

	if (fflush(stdout) == 0 && bad == 0)
		return status;
	fputs("mhprobe: cannot write standard output\n", stderr);
	return OPTIONS_EXIT_ERROR;
}

int
main(int argc, char *argv[])
{
	struct options options;
	char why[TARGET_WHY];
	int status = OPTIONS_EXIT_ERROR;
	bool is_usage;

	if (!host_output_is_open()) {
		fputs("mhprobe: standard output is closed\n", stderr);
		return OPTIONS_EXIT_ERROR;
	}
	is_usage = !arguments_parse(&options, argc, argv, why);
	if (!is_usage && keyfile_read(&options, why) &&
	    targetfile_read(&options, why))
		status = check_output(act(&options));
	else
		fprintf(stderr, "mhprobe: %s\n", why);
	if (is_usage)
		usage_print(stderr);
	options_clear(&options);
	return status;
}
