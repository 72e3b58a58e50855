/* SPDX-License-Identifier: ISC */
/*
 * What a start gives up, in this order: access to files, except those that a
 * reload needs; the user; capabilities; and finally most system calls.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include "daemon/config/load.h"
#include "daemon/config/plan.h"

/*
 * Before anything is given up: arrange that the configuration file, the files
 * that it and the command line name, and the port file stay accessible, if
 * anything will be.  False if that is not possible.
 */
bool privileges_allow_files(
    const struct plan *plan, const struct command_line *command);

/*
 * Switch to the configured user and drop capabilities; must come before any
 * thread is created, because each has its own privileges.  Returns 0, or an
 * exit code if switching fails, which is logged.
 */
int privileges_drop(const struct config_values *values);

/*
 * Enter the sandbox, if configured; must come after all threads are created,
 * because it forbids new ones.  Failure is only logged.
 */
void privileges_enter_sandbox(const struct config_values *values);

#endif
