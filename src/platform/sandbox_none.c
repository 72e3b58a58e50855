/* SPDX-License-Identifier: ISC */
/*
 * Where there is no sandbox: on Windows, and on Linux without libseccomp.
 */
#include "platform/privileges.h"

#include "lib/multihome.h"

int
host_sandbox(void)
{
	return MH_EUNSUPPORTED;
}

intptr_t
host_sandbox_handle(void)
{
	return -1;
}

bool
host_sandbox_refused(char name[HOST_SANDBOX_NAME])
{
	(void)name;
	return false;
}
