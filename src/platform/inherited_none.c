/* SPDX-License-Identifier: ISC */
/*
 * Where no service manager passes sockets on: on Windows, and on Linux without
 * libsystemd.
 */
#include "platform/inherited.h"

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
