/* SPDX-License-Identifier: ISC */
/*
 * From a command line to an exit code.
 */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include "daemon/config/load.h"

/*
 * Execute the command line: run, test, or print something.  Errors are logged,
 * followed by the usage if the command line itself is wrong.  command must
 * outlive the call.  Returns the exit code: 0, or enum config_exit.
 */
int startup(const struct command_line *command);

#endif
