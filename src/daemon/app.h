/* SPDX-License-Identifier: ISC */
/*
 * Start, run and stop: who owns the sockets, the loop and the signals.
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "daemon/config/load.h"

/*
 * Open everything that the configuration asks for, or nothing; then answer
 * until a signal says stop.  Takes *config over.  load: for reloads.  Returns
 * the exit code.
 */
int app_run(struct config *config, const struct command_line *command);

#endif
