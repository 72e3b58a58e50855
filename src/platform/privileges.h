/* SPDX-License-Identifier: ISC */
/*
 * Privileges, and how to live without them.  In the order of a start:
 * host_user_check(), host_privsep_start(), host_switch_user(),
 * host_drop_capabilities(), host_sandbox().
 */
#ifndef PLATFORM_PRIVILEGES_H
#define PLATFORM_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of the name of a system call. */
#define HOST_SANDBOX_NAME 64

/*
 * Is there such a user to switch to?  By name; or by number, of which this host
 * need not know: then its group has the same.  Returns 0; MH_EADDRESS for no
 * such user; MH_ESYSTEM.  Windows: MH_EUNSUPPORTED.  Not in a sandbox.
 */
int host_user_check(const char *user);

/*
 * Switch to this user permanently: its groups, no way back, no new privileges.
 * Call when all that needs privileges is done, and before there are threads.
 * Returns 0; 1 if it is not root's process, has no right to switch, and stays
 * the user's that it is; MH_EADDRESS for no such user; MH_EPERMISSION if it is
 * root's; MH_ESYSTEM.  Windows: MH_EUNSUPPORTED, a service has its account from
 * the service manager.
 */
int host_switch_user(const char *user);

/*
 * Give up all capabilities; but a process that runs as root and stays so keeps
 * the right to bind to low ports, for reloads.  Running another program does
 * not regain them.  Linux: for this thread and those that it starts; the
 * bounding set is emptied, here or by host_switch_user(), if the process has
 * the right to do that.  Returns 0 or MH_ESYSTEM.
 */
int host_drop_capabilities(void);

/*
 * Forbid all threads of this process every system call that answering does not
 * need; only the privileged helper can open files.  What is forbidden fails
 * with EPERM.  Linux: no thread may block SIGSYS.  Returns 0, MH_EUNSUPPORTED
 * if the system or this build has nothing of the kind, or MH_ESYSTEM.
 */
int host_sandbox(void);

/*
 * Becomes readable when the sandbox has refused a system call; -1: that goes
 * unnoticed here, or there is no sandbox.
 */
intptr_t host_sandbox_handle(void);

/*
 * The name of a system call that the sandbox has refused, each of them once;
 * false if there is no other.  For one thread.
 */
bool host_sandbox_refused(char name[HOST_SANDBOX_NAME]);

#endif
