/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include "daemon/config.h"

#include <stdio.h>

/*
 * Read the command line into *config, which is all zero before.  Returns
 * false and a whole sentence in why; the caller clears *config in any case.
 * argv may be reordered.  Not thread-safe (getopt_long).
 */
bool options_parse(
    struct config *config, int argc, char *argv[], char why[CONFIG_WHY]);

/* How to call the program: short, with two examples. */
void options_print_usage(FILE *file);

/* All options and services. */
void options_print_help(FILE *file);

/* Version, features, how it was built. */
void options_print_version(FILE *file);

#endif
