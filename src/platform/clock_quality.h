/* SPDX-License-Identifier: ISC */
/*
 * How good the system's clock is.
 */
#ifndef PLATFORM_CLOCK_QUALITY_H
#define PLATFORM_CLOCK_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

struct host_clock_quality {
	bool synchronised;      /* to something better; false if unknown */
	int8_t leap;            /* second at the end of the day: +1, -1, 0 */
	int8_t precision;       /* of a reading: 2^precision seconds */
	uint32_t dispersion_ns; /* at most so far off; UINT32_MAX: unknown */
};

/*
 * Ask the system, which takes a system call.  Linux: adjtimex(2), whose
 * maximum error counts; false and unknown where that is forbidden.  Windows:
 * does not say, so unknown.  Any thread.
 */
void host_clock_quality(struct host_clock_quality *quality);

#endif
