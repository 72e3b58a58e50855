/* SPDX-License-Identifier: ISC */
/*
 * platform/clock.h for Linux.
 */
#include "platform/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t
host_realtime_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
host_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
