/* SPDX-License-Identifier: ISC */
/*
 * The time, in nanoseconds.  Both clocks may be read by any thread.
 */
#ifndef PLATFORM_CLOCK_H
#define PLATFORM_CLOCK_H

#include <stdint.h>

/* UTC since 1970; jumps when somebody sets it. */
int64_t host_realtime_ns(void);

/* A clock that never jumps or goes back, from some time before the start. */
int64_t host_monotonic_ns(void);

#endif
