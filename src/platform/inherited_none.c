/* SPDX-License-Identifier: ISC */
/*
 * Where no service manager hands over sockets or keeps a watchdog: on Windows,
 * and on Linux without libsystemd.
 */
#include "platform/host.h"

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
