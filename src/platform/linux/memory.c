/* SPDX-License-Identifier: ISC */
/*
 * platform/memory.h for Linux.
 */
#include "platform/memory.h"

#include <malloc.h>

/* The initial values, which glibc raises when a larger block is freed. */
#define THRESHOLD (128 * 1024)

void
host_memory_economise(void)
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, THRESHOLD);
	mallopt(M_MMAP_THRESHOLD, THRESHOLD);
#endif
}

void
host_memory_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
