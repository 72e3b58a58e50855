/* SPDX-License-Identifier: ISC */
/*
 * The command that mhrun starts: in its own place, so that its process, its
 * signals and its exit code are those of the command.
 */
#ifndef RUN_COMMAND_H
#define RUN_COMMAND_H

#include "run/options.h"

/*
 * Become the command, with libmhrun.so; returns only if that failed, with what
 * is then the exit code, and the reason on standard error.
 */
int command_preload(const struct run_options *options);

/*
 * Become the command as it is.  As above.
 */
int command_start(char *command[]);

#endif
