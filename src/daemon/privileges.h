/* SPDX-License-Identifier: ISC */
/*
 * What a start gives up, in this order: the user; capabilities; and finally
 * most system calls.  Before that, helper_new() sees to what a reload needs.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include "daemon/config/load.h"
#include "daemon/config/plan.h"

/*
 * Switch to the configured user and drop capabilities; must come before any
 * thread is created, because each has its own privileges.  Returns 0, or an
 * exit code if switching fails, which is logged.
 */
int privileges_drop(const struct config_values *values);

struct event;
struct event_base;

/*
 * Enter the sandbox, if configured; must come after all threads are created,
 * because it forbids new ones.  Failure is only logged.  Returns the event of
 * this loop that logs the names of system calls that are refused, which the
 * caller frees; NULL: there is none.
 */
struct event *privileges_enter_sandbox(
    const struct config_values *values, struct event_base *base);

#endif
