/* SPDX-License-Identifier: ISC */
/*
 * The time service keeps to itself how good the clock is.
 */
#include "platform/clock_quality.h"

/* Ticks of 100 ns: 2^-23 seconds. */
#define PRECISION (-23)

void
host_clock_quality(struct host_clock_quality *quality)
{
	*quality = (struct host_clock_quality){ .precision = PRECISION,
		.dispersion_ns = UINT32_MAX };
}
