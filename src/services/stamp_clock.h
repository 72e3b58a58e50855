/* SPDX-License-Identifier: ISC */
/*
 * The time in STAMP's packets, in either format, and how far it can be trusted:
 * RFC 8762, section 4.2.1.
 */
#ifndef SERVICES_STAMP_CLOCK_H
#define SERVICES_STAMP_CLOCK_H

#include "services/service.h"

/* A time, in nanoseconds since 1970-01-01 UTC, in the format of NTP or PTP. */
uint64_t stamp_clock_timestamp(int64_t utc_ns, bool ptp);

/* The Error Estimate of such a timestamp by a clock of that quality. */
unsigned int stamp_clock_error(const struct service_quality *quality, bool ptp);

#endif
