/* SPDX-License-Identifier: ISC */
/*
 * Built without libseccomp: the privileged helper has no sandbox either.
 */
#include "platform/linux/sandbox.h"

#include "lib/multihome.h"

int
sandbox_privsep(void)
{
	return MH_EUNSUPPORTED;
}
