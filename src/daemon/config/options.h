/* SPDX-License-Identifier: ISC */
/*
 * The command line, and the texts that a person may ask it for.
 */
#ifndef DAEMON_CONFIG_OPTIONS_H
#define DAEMON_CONFIG_OPTIONS_H

#include "daemon/config/config.h"

#include <stdio.h>

/*
 * Read the command line into *config, made by config_init(); every error is
 * named.  argv may be reordered.  Not thread-safe (getopt_long).
 */
void options_parse(struct config *config, int argc, char *argv[],
    struct config_errors *errors);

/* How to call the program: short, with two examples. */
void options_print_usage(FILE *file);

/* All options and services. */
void options_print_help(FILE *file);

/* Version, features, how it was built. */
void options_print_version(FILE *file);

#endif
