/* SPDX-License-Identifier: ISC */
/*
 * From a command line to an exit code.
 */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include "daemon/config/load.h"

/*
 * Do what the command line says: run, test, print something.  Errors go to the
 * log, with a line of usage if it is the command line that is wrong.  command
 * must outlive the call.  Returns the exit code: 0, or enum config_exit.
 */
int startup(const struct command_line *command);

#endif
