/* SPDX-License-Identifier: ISC */
/*
 * What the answers of one socket know of the system's clock: how good it is,
 * and when it was set.
 */
#ifndef DAEMON_PATH_TIMING_H
#define DAEMON_PATH_TIMING_H

#include "services/service.h"

/* Initially all zero.  Times are in nanoseconds. */
struct timing {
	struct service_quality quality;
	int64_t quality_until; /* when to read it again, monotonic */
	int64_t clock_offset;  /* UTC minus monotonic; 0: not read yet */
	int64_t stepped_at;    /* the clock was set then, monotonic */
};

/*
 * The longest time that a datagram can have waited.  What arrived before the
 * clock was set has a time of another clock, so nothing can have waited for
 * longer than since then.  Reads now->utc_ns if that is 0.
 */
int64_t timing_longest(struct timing *timing, struct service_clock *now);

/* Read the quality of the clock, at most once a second; now: monotonic. */
void timing_refresh(struct timing *timing, int64_t now);

#endif
