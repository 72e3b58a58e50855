/* SPDX-License-Identifier: ISC */
/*
 * platform/clock.h for Linux.
 */
#include "platform/clock.h"

#include <sys/timex.h>
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

/* The kernel reports microseconds in total: 2^-20 seconds. */
#define PRECISION (-20)

void
host_clock_quality(struct host_clock_quality *quality)
{
	struct timex timex = { .modes = 0 };
	int state = adjtimex(&timex);

	*quality = (struct host_clock_quality){ .precision = PRECISION,
		.dispersion_us = UINT32_MAX };
	if (state < 0)
		return;
	quality->synchronised =
	    state != TIME_ERROR && (timex.status & STA_UNSYNC) == 0;
	if ((timex.status & STA_INS) != 0)
		quality->leap = 1;
	else if ((timex.status & STA_DEL) != 0)
		quality->leap = -1;
	if (timex.maxerror >= 0 && timex.maxerror < UINT32_MAX)
		quality->dispersion_us = (uint32_t)timex.maxerror;
}
