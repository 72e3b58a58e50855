/* SPDX-License-Identifier: ISC */
/*
 * Built without libseccomp: there is no sandbox.
 */
#include "platform/linux/sandbox.h"

#include "platform/host.h"

int
host_sandbox(void)
{
	return MH_EUNSUPPORTED;
}

int
sandbox_keeper(void)
{
	return MH_EUNSUPPORTED;
}
