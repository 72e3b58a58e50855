/* SPDX-License-Identifier: ISC */
/*
 * From the command line and its file to what the workers answer by, while they
 * answer.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/config/load.h"
#include "daemon/workers.h"

/*
 * Read the configuration again, and have the workers go over to it.  What only
 * a start can change stays as it is, which is logged; sockets that both have
 * are kept.  command: as at start.  limit: the table of rates.  False if that
 * is not possible; then the log says why, and the workers keep the plan that
 * they have.
 */
bool reload(struct workers *workers, const struct command_line *command,
    struct limit *limit);

#endif
