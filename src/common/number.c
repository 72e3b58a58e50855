/* SPDX-License-Identifier: ISC */
/*
 * Decimal numbers, digit by digit.
 */
#include "common/number.h"

static bool
is_digit(char character)
{
	return character >= '0' && character <= '9';
}

bool
number_scan(const char **text, uint64_t max, uint64_t *number)
{
	const char *at = *text;
	uint64_t n = 0, digit;

	if (!is_digit(*at))
		return false;
	for (; is_digit(*at); at++) {
		digit = (uint64_t)(*at - '0');
		if (n > max / 10 || digit > max - n * 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	*text = at;
	return true;
}

bool
number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *number)
{
	uint64_t n;

	if (!number_scan(&text, high, &n) || *text != '\0' || n < low)
		return false;
	*number = n;
	return true;
}

unsigned int
number_scan_places(const char **text, unsigned int places, uint64_t *number)
{
	unsigned int i, count = 0;
	uint64_t n = 0;

	for (i = 0; i < places; i++) {
		n *= 10;
		if (i == count && is_digit(**text)) {
			n += (uint64_t)(*(*text)++ - '0');
			count++;
		}
	}
	*number = n;
	return count;
}
