/* SPDX-License-Identifier: ISC */
/*
 * Date and time of day from a number, without the C library: its functions
 * share a buffer, or have other names on other systems.
 */
#include "services/civil.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

/* Days since 1970-01-01 to year, month, day. */
static void
set_date(struct civil_time *time, int days)
{
	/* Years from March, so that the leap day is the last of a year. */
	int era, in_era, year, of_year, from_march;

	days += 719468; /* 0000-03-01 */
	era = days / 146097;
	in_era = days % 146097;
	year =
	    (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	of_year = in_era - (365 * year + year / 4 - year / 100);
	from_march = (5 * of_year + 2) / 153;
	time->day = of_year - (153 * from_march + 2) / 5 + 1;
	time->month = from_march < 10 ? from_march + 3 : from_march - 9;
	time->year = year + era * 400 + (time->month <= 2);
}

struct civil_time
civil_time(int64_t ns)
{
	struct civil_time time;
	int64_t days = ns / DAY, rest = ns % DAY;
	int seconds;

	/* C rounds towards 1970. */
	if (rest < 0) {
		days--;
		rest += DAY;
	}
	set_date(&time, (int)days);
	seconds = (int)(rest / SECOND);
	time.hour = seconds / 3600;
	time.minute = seconds / 60 % 60;
	time.second = seconds % 60;
	time.nanosecond = (int)(rest % SECOND);
	return time;
}
