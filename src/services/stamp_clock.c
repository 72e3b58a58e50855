/* SPDX-License-Identifier: ISC */
/*
 * Seconds and parts of one, which are 2^-32 of NTP, and nanoseconds of PTP.
 */
#include "services/stamp_clock.h"

#include "services/ntptime.h"

uint64_t
stamp_clock_timestamp(int64_t utc_ns, bool ptp)
{
	if (!ptp)
		return ntptime_of(utc_ns);
	return (uint64_t)(utc_ns / 1000000000) << 32 |
	    (uint64_t)(utc_ns % 1000000000);
}

/*
 * RFC 4656, section 4.1.2: S, Z, six bits of scale, eight of a multiplier that
 * is not 0; multiplier * 2^(scale - 32) seconds.  Rounded up.
 */
unsigned int
stamp_clock_error(const struct service_quality *quality, bool ptp)
{
	const uint64_t error =
	    ((uint64_t)quality->dispersion_us << 32) / 1000000 + 1;
	unsigned int scale =
	    (error >> 8) != 0 ? 56 - (unsigned int)__builtin_clzll(error) : 0;
	uint64_t multiplier = (error + (UINT64_C(1) << scale) - 1) >> scale;

	if (multiplier > UINT8_MAX) {
		multiplier = 1 << 7;
		scale++;
	}
	return (unsigned int)quality->synchronised << 15 |
	    (unsigned int)ptp << 14 | scale << 8 | (unsigned int)multiplier;
}
