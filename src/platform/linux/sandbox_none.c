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

int
sandbox_privsep(void)
{
	return MH_EUNSUPPORTED;
}
