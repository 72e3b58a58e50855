/* SPDX-License-Identifier: ISC */
/*
 * The time, in nanoseconds.  Both clocks may be read by any thread.
 */
#ifndef PLATFORM_CLOCK_H
#define PLATFORM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* UTC since 1970; jumps when somebody sets it. */
int64_t host_realtime_ns(void);

/* A clock that never jumps or goes back, from some time before the start. */
int64_t host_monotonic_ns(void);

/* How good the clock of the system is. */
struct host_clock_quality {
	bool synchronised;      /* to something better; false if unknown */
	int8_t leap;            /* second at the end of the day: +1, -1, 0 */
	int8_t precision;       /* of a reading: 2^precision seconds */
	uint32_t dispersion_us; /* off by at most this; UINT32_MAX: unknown */
};

/*
 * Ask the system, which takes a system call.  Linux: adjtimex(2), whose
 * maximum error counts; false and unknown where that is forbidden.  Windows:
 * does not say, so unknown.  Any thread.
 */
void host_clock_quality(struct host_clock_quality *quality);

#endif
