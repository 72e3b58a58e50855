/* SPDX-License-Identifier: ISC */
/*
 * How to call mhctl.
 */
#ifndef CTL_USAGE_H
#define CTL_USAGE_H

#include <stdio.h>

/* After an error. */
void ctl_usage_print(FILE *file);

/* All options and commands. */
void ctl_usage_print_help(FILE *file);

void ctl_usage_print_version(FILE *file);

#endif
