/* SPDX-License-Identifier: ISC */
/*
 * The command that mhrun starts.
 */
#include "run/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
command_start(char *command[])
{
	int error;

	execvp(command[0], command);
	error = errno;
	fprintf(stderr, "mhrun: %s: %s\n", command[0], strerror(error));
	return error == ENOENT ? RUN_EXIT_NOT_FOUND : RUN_EXIT_NOT_STARTED;
}

int
command_preload(const struct run_options *options)
{
	return command_start(options->command);
}
