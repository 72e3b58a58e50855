/* SPDX-License-Identifier: ISC */
/*
 * platform/reuseport.h for Windows: no two sockets share a port.
 */
#include "platform/reuseport.h"

#include "lib/multihome.h"

int
host_reuseport_number(intptr_t handle,
    const uint8_t secret[HOST_REUSEPORT_SECRET], unsigned int processors)
{
	(void)handle;
	(void)secret;
	(void)processors;
	return MH_EUNSUPPORTED;
}
