/* SPDX-License-Identifier: ISC */
/*
 * Seconds of a clock that never jumps.  Read without a system call.
 */
#ifndef RUN_PRELOAD_CLOCK_H
#define RUN_PRELOAD_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint32_t
clock_seconds(void)
{
	struct timespec now = { 0, 0 };

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)now.tv_sec;
}

#endif
