/* SPDX-License-Identifier: ISC */
/*
 * The files of a configuration: the one that the command line names, and those
 * that these include.
 */
#ifndef DAEMON_CONFIG_INCLUDE_H
#define DAEMON_CONFIG_INCLUDE_H

#include "daemon/config/config.h"

/*
 * Read the file config->path; then, one after the other, what is included.
 * is_reload: else it may be a pipe, which is waited for.  Every error is
 * reported.  Returns 0, or the exit code for the errors.
 */
int include_read(
    struct config *config, bool is_reload, struct config_errors *errors);

#endif
