/* SPDX-License-Identifier: ISC */
/*
 * Built without libseccomp: there is no sandbox.
 */
#include "platform/linux/sandbox.h"

#include "lib/multihome.h"
#include "platform/privileges.h"

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

int
sandbox_privsep(void)
{
	return MH_EUNSUPPORTED;
}
