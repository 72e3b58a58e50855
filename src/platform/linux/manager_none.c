/* SPDX-License-Identifier: ISC */
/*
 * Built without libsystemd: there is no service manager to talk to.
 */
#include "platform/host.h"

void
host_notify(enum host_state state, const char *status)
{
	(void)state;
	(void)status;
}
