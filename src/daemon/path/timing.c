/* SPDX-License-Identifier: ISC */
/*
 * A clock that is set is noticed by its distance from the one that never is.
 */
#include "daemon/path/timing.h"

#include "platform/clock.h"

/* How long the quality of the clock stays valid, in nanoseconds. */
#define QUALITY_LIFE INT64_C(1000000000)

/*
 * Between two readings of both clocks only a step changes their difference: NTP
 * adjusts the speed of both alike.  In nanoseconds.
 */
#define STEP_LEAST INT64_C(20000000)

static bool
has_stepped(const struct timing *timing, const struct service_clock *now)
{
	int64_t change = now->utc_ns - now->monotonic_ns - timing->clock_offset;

	return change > STEP_LEAST || change < -STEP_LEAST;
}

/* Are there two readings of which the first is out of date? */
static __attribute__((noinline)) void
check_step(struct timing *timing, int64_t now)
{
	struct service_clock both = { host_realtime_ns(), host_monotonic_ns() };

	if (!has_stepped(timing, &both))
		return;
	if (timing->clock_offset != 0)
		timing->stepped_at = now;
	timing->clock_offset = both.utc_ns - both.monotonic_ns;
}

int64_t
timing_longest(struct timing *timing, struct service_clock *now)
{
	if (now->utc_ns == 0)
		now->utc_ns = host_realtime_ns();
	if (has_stepped(timing, now))
		check_step(timing, now->monotonic_ns);
	return now->monotonic_ns - timing->stepped_at;
}

void
timing_refresh(struct timing *timing, int64_t now)
{
	struct host_clock_quality quality;

	if (now < timing->quality_until)
		return;
	host_clock_quality(&quality);
	timing->quality = (struct service_quality){
		.synchronised = quality.synchronised,
		.leap = quality.leap,
		.precision = quality.precision,
		.dispersion_us = quality.dispersion_us,
	};
	timing->quality_until = now + QUALITY_LIFE;
}
