/* SPDX-License-Identifier: ISC */
/*
 * What the service manager, if there is one, wants to know about the daemon.
 */
#ifndef PLATFORM_MANAGER_H
#define PLATFORM_MANAGER_H

#include <stdint.h>

enum host_state { HOST_READY, HOST_RELOADING, HOST_STOPPING, HOST_ALIVE };

/*
 * status: a line for people; not used with HOST_ALIVE.  A manager that reads
 * nothing does not get the message, after 20 ms at most; with HOST_ALIVE at
 * once.
 */
void host_notify(enum host_state state, const char *status);

/*
 * The longest time allowed between two HOST_ALIVE, in nanoseconds; 0 if nobody
 * waits for them.  Windows: 0.
 */
uint64_t host_watchdog(void);

#endif
