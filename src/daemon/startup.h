/* SPDX-License-Identifier: ISC */
/*
 * What the command line asks for, done.
 */
#ifndef DAEMON_STARTUP_H
#define DAEMON_STARTUP_H

#include "daemon/config/load.h"

/*
 * Do what the command line says: run, test, print something.  Returns the exit
 * code.
 */
int startup(const struct command_line *command);

#endif
