/* SPDX-License-Identifier: ISC */
/*
 * The command line, and the texts that it can print.
 */
#ifndef DAEMON_CONFIG_OPTIONS_H
#define DAEMON_CONFIG_OPTIONS_H

#include "daemon/config/config.h"

#include <stdio.h>

/*
 * Read the command line into *config, set up by config_init(); every error is
 * reported.  argv may be reordered.  Not thread-safe (getopt_long).
 */
void options_parse(struct config *config, int argc, char *argv[],
    struct config_errors *errors);

/* Short usage, with two examples. */
void options_print_usage(FILE *file);

/* All options and services. */
void options_print_help(FILE *file);

/* Version, features and build. */
void options_print_version(FILE *file);

#endif
