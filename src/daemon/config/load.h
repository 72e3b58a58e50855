/* SPDX-License-Identifier: ISC */
/*
 * From the command line and the file to one configuration.
 */
#ifndef DAEMON_CONFIG_LOAD_H
#define DAEMON_CONFIG_LOAD_H

#include "daemon/config/config.h"

/* The command line, as main() got it. */
struct command_line {
	int argc;
	char **argv;
	bool is_reload; /* else a start, which may block on a pipe */
};

/*
 * Set *config from the command line and from the file that it names; the
 * command line overrides the file.  Every error is reported; the caller clears
 * *config in any case.  Returns 0, or the exit code for the errors.
 */
int load_config(struct config *config, const struct command_line *command,
    struct config_errors *errors);

#endif
