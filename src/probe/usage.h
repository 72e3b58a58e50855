/* SPDX-License-Identifier: ISC */
/*
 * The texts that a person may ask mhprobe for.
 */
#ifndef PROBE_USAGE_H
#define PROBE_USAGE_H

#include <stdio.h>

/* How to call the program: short, with examples. */
void usage_print(FILE *file);

/* All options and services. */
void usage_print_help(FILE *file);

/* Version, features, how it was built. */
void usage_print_version(FILE *file);

#endif
