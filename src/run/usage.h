/* SPDX-License-Identifier: ISC */
/*
 * How to call mhrun, out of its table of options.
 */
#ifndef RUN_USAGE_H
#define RUN_USAGE_H

#include <stdio.h>

/* The short form, for who got it wrong. */
void run_usage_print(FILE *file);

/* All of it. */
void run_usage_print_help(FILE *file);

/* The version, and what was built in. */
void run_usage_print_version(FILE *file);

#endif
