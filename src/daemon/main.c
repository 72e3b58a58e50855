/* SPDX-License-Identifier: ISC */
/*
 * multihomed(8): parse the command line and run it.
 */
#include "daemon/startup.h"
#include "daemon/base/log.h"
#include "platform/program.h"

static int
run(int argc, char *argv[])
{
	const struct command_line command = { argc, argv, false };
	struct mh_problem problem;

	if (mh_platform_init(&problem) != 0) {
		log_error("%s: %s", problem.what, problem.text);
		return CONFIG_EXIT_OSERR;
	}
	return startup(&command);
}

int
main(int argc, char *argv[])
{
	return host_main(argc, argv, run);
}
