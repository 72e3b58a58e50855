/* SPDX-License-Identifier: ISC */
/*
 * The time formats of NTP: RFC 5905, section 6.  Pure.
 */
#ifndef SERVICES_NTPTIME_H
#define SERVICES_NTPTIME_H

#include <stdint.h>

/*
 * From 1900-01-01, where NTP's seconds begin, to 1970-01-01.  They are counted
 * modulo 2^32: the next era begins on 2036-02-07 at 06:28:16 UTC.
 */
#define NTPTIME_EPOCH UINT32_C(2208988800)

/*
 * A timestamp, 32.32 bits, of nanoseconds since 1970-01-01 UTC, which are not
 * negative.  Rounded down.
 */
uint64_t ntptime_of(int64_t utc_ns);

/*
 * The short format, 16.16 bits, of microseconds: up to 71 minutes.  Rounded up.
 */
uint32_t ntptime_short(uint32_t us);

#endif
