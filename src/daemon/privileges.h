/* SPDX-License-Identifier: ISC */
/*
 * What a start gives up, in this order: files but for a way to those that a
 * reload needs, the user, capabilities; and at last most system calls.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include "daemon/config/plan.h"

/*
 * While nothing has been given up yet: arrange that the configuration file and
 * the port file stay within reach, if anything will be given up.  False if
 * that is not possible.
 */
bool privileges_keep_files(const struct plan *plan);

/*
 * Switch to the configured user and drop capabilities; before there are
 * threads, for each has privileges of its own.  Returns 0, or an exit code if
 * the user cannot be switched to, which is logged.
 */
int privileges_drop(const struct config_values *values);

/*
 * Enter the sandbox, if that is configured; once all threads are there, for it
 * forbids new ones.  Failure is no more than a line in the log.
 */
void privileges_enter_sandbox(const struct config_values *values);

#endif
