/* SPDX-License-Identifier: ISC */
/*
 * Changing the configuration while the workers keep answering.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/config/load.h"
#include "daemon/workers.h"

/*
 * Reread the configuration and switch the workers to it.  Values that only a
 * restart can change are kept, with a warning; sockets that both configurations
 * have are kept, too.  command: as at start.  limit: the rate table.  False if
 * that fails; the reason is logged, and the workers keep their plan.
 */
bool reload(struct workers *workers, const struct command_line *command,
    struct limit *limit);

#endif
