/* SPDX-License-Identifier: ISC */
/*
 * platform/reuseport.h for Windows: no two sockets share a port, and none has a
 * filter.
 */
#include "platform/reuseport.h"

#include "lib/multihome.h"

int
mh__reuseport_number(intptr_t handle,
    const uint8_t secret[HOST_REUSEPORT_SECRET], unsigned int processors)
{
	(void)handle;
	(void)secret;
	(void)processors;
	return MH_EUNSUPPORTED;
}

int
mh__reuseport_only(intptr_t handle, const uint8_t secret[HOST_REUSEPORT_SECRET])
{
	(void)handle;
	(void)secret;
	return MH_EUNSUPPORTED;
}
