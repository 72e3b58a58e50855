/* SPDX-License-Identifier: ISC */
/*
 * The daemon: it owns the workers, the loop and the signals.
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "daemon/config/load.h"

/*
 * Open everything that is configured, or nothing; then answer until a signal to
 * stop.  Takes ownership of *config, even on failure.  command: its origin, for
 * reloads.  Returns 0, or enum config_exit.  Does not return if a worker is
 * stuck: the process exits.
 */
int app_run(struct config *config, const struct command_line *command);

#endif
