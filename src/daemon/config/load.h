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
	bool is_reload; /* a reload, for which nobody waits */
};

/*
 * Make *config of the command line, and of the file that it names; the command
 * line has the last word.  Every error is named; the caller clears *config in
 * any case.  Returns 0, or the exit code that fits the errors.
 */
int load_config(struct config *config, const struct command_line *command,
    struct config_errors *errors);

#endif
