/* SPDX-License-Identifier: ISC */
/*
 * Built without libsystemd: there is no service manager to talk to.
 */
#include "platform/manager.h"

void
host_notify(enum host_state state, const char *status)
{
	(void)state;
	(void)status;
}

uint64_t
host_watchdog(void)
{
	return 0;
}
