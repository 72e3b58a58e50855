/* SPDX-License-Identifier: ISC */
/*
 * Date and time of day, for the services that report them.
 */
#ifndef SERVICES_CIVIL_H
#define SERVICES_CIVIL_H

#include <stdint.h>

/* UTC in the Gregorian calendar. */
struct civil_time {
	int year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
	int hour;
	int minute;
	int second; /* 0 to 59: leap seconds are not counted */
	int nanosecond;
};

/* Of nanoseconds since 1970-01-01 UTC; any value. */
struct civil_time civil_time(int64_t ns);

#endif
