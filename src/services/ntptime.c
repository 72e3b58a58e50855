/* SPDX-License-Identifier: ISC */
/*
 * See ntptime.h.
 */
#include "services/ntptime.h"

uint64_t
ntptime_of(int64_t utc_ns)
{
	uint64_t seconds = (uint64_t)(utc_ns / 1000000000);
	uint64_t ns = (uint64_t)(utc_ns % 1000000000);

	return (seconds + NTPTIME_EPOCH) << 32 | (ns << 32) / 1000000000;
}

/* A microsecond is less than one bit: 32 bits of them are never too many. */
uint32_t
ntptime_short(uint32_t us)
{
	return (uint32_t)((((uint64_t)us << 16) + 999999) / 1000000);
}
