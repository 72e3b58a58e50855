/* SPDX-License-Identifier: ISC */
/*
 * platform/random.h for Linux.
 */
#include "platform/random.h"

#include <unistd.h>

bool
host_random(void *bytes, size_t size)
{
	return getentropy(bytes, size) == 0;
}
