/* SPDX-License-Identifier: ISC */
/*
 * The daemon: it owns the workers, the loop and the signals.
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "daemon/config/load.h"

/*
 * Open everything that the configuration wants, or nothing; then answer until
 * a signal says stop.  Takes *config over in any case.  command: where it is
 * from, for reloads.  Returns 0, or enum config_exit.  Does not return with a
 * stuck worker: the process exits.
 */
int app_run(struct config *config, const struct command_line *command);

#endif
