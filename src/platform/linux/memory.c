/* SPDX-License-Identifier: ISC */
/*
 * platform/memory.h for Linux.
 */
#include "platform/memory.h"

#include <malloc.h>

/* The initial values, which glibc raises when a larger block is freed. */
#define THRESHOLD (128 * 1024)

/*
 * One heap for all threads.  To make a second one, or to shrink it, glibc opens
 * files of /proc and /sys, which the sandbox forbids.
 */
#define HEAPS 1

void
host_memory_economise(void)
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, THRESHOLD);
	mallopt(M_MMAP_THRESHOLD, THRESHOLD);
	mallopt(M_ARENA_MAX, HEAPS);
#endif
}

void
host_memory_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
