/* SPDX-License-Identifier: ISC */
/*
 * Built without libsystemd: there is no service manager to talk to.
 */
#include "platform/host.h"

void
host_tell(enum host_state state, const char *status)
{
	(void)state;
	(void)status;
}

uint64_t
host_watchdog(void)
{
	return 0;
}

unsigned int
host_inherited(const char *name, intptr_t *handles, unsigned int max)
{
	(void)name;
	(void)handles;
	(void)max;
	return 0;
}

bool
host_inherited_at(
    unsigned int number, intptr_t *handle, char *name, size_t size)
{
	(void)number;
	(void)handle;
	(void)name;
	(void)size;
	return false;
}

intptr_t
host_inherited_copy(intptr_t handle)
{
	(void)handle;
	return -1;
}

void
host_inherited_close(intptr_t handle)
{
	(void)handle;
}
