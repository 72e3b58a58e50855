/* SPDX-License-Identifier: ISC */
/*
 * Built without libseccomp: there is no sandbox.
 */
#include "platform/host.h"

int
host_sandbox(void)
{
	return MH_EUNSUPPORTED;
}
