/* SPDX-License-Identifier: ISC */
/*
 * Privileges, and how to live without them.  In the order of a start:
 * host_user_check(), host_privsep_start(), host_switch_user(),
 * host_drop_capabilities(), host_sandbox().
 */
#ifndef PLATFORM_PRIVILEGES_H
#define PLATFORM_PRIVILEGES_H

#include <stdbool.h>

/*
 * Is there such a user to become?  Returns 0; MH_EADDRESS for no such user;
 * MH_ESYSTEM.  Windows: MH_EUNSUPPORTED.  Not in a sandbox.
 */
int host_user_check(const char *user);

struct host_privsep {
	const char *config_path, *port_path; /* NULL: none */
	bool sandbox;                        /* the helper has one, too */
	/*
	 * The files that the configuration with this text wants to read: a
	 * path and a newline each, as malloc'd text; NULL: none.  Called in
	 * the helper, whenever it has opened the configuration file.
	 */
	char *(*list_files)(const void *argument, const char *text);
	const void *argument;
};

/*
 * Before privileges are dropped: arrange that host_file_read() of config_path
 * and of the files listed, and host_file_write() of port_path, go on working.
 * Linux: a process of its own keeps the privileges for that, and no others.
 * Windows: nothing has to be done.  False if that cannot be had.
 */
bool host_privsep_start(const struct host_privsep *options);

/*
 * Switch to this user permanently: its groups, no way back, no new privileges.
 * Call when all that needs privileges is done, and before there are threads.
 * Returns 0; MH_EADDRESS for no such user; MH_EPERMISSION; MH_ESYSTEM. Windows:
 * MH_EUNSUPPORTED, a service has its account from the service manager.
 */
int host_switch_user(const char *user);

/*
 * Give up all capabilities; but a process that runs as root and stays so keeps
 * the right to bind to low ports, for reloads.  Nothing is left to gain by
 * running a program either.  Linux: for this thread and those that it starts.
 * Returns 0 or MH_ESYSTEM.
 */
int host_drop_capabilities(void);

/*
 * Forbid this process, all its threads, every system call that answering does
 * not need; files can be opened by host_privsep_start() only.  Returns 0,
 * MH_EUNSUPPORTED if the system or this build has nothing of the kind, or
 * MH_ESYSTEM.
 */
int host_sandbox(void);

#endif
