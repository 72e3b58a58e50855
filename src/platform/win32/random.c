/* SPDX-License-Identifier: ISC */
/*
 * platform/random.h for Windows.
 */
#include "platform/random.h"

#include <windows.h>

#include <ntsecapi.h>

bool
host_random(void *bytes, size_t size)
{
	return RtlGenRandom(bytes, (ULONG)size);
}
