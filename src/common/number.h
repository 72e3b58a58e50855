/* SPDX-License-Identifier: ISC */
/*
 * Decimal numbers as people write them: digits alone, no blank, no sign; and
 * never more than a bound.
 */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Read the digits at *text, and move it past them.  False, and nothing changed,
 * if there is none or the number is above max.
 */
bool number_scan(const char **text, uint64_t max, uint64_t *number);

/* Is the whole text a number from low to high?  False: *number is unchanged. */
bool number_parse(
    const char *text, uint64_t low, uint64_t high, uint64_t *number);

/*
 * Read the digits after a decimal point, at most places (1 to 18) of them, and
 * move *text past them.  Returns how many there were; *number is the fraction
 * in units of the last place: with 3 places, "5" is 500.
 */
unsigned int number_scan_places(
    const char **text, unsigned int places, uint64_t *number);

#endif
