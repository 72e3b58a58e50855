/* SPDX-License-Identifier: ISC */
/*
 * Thresholds, in the manner of check_icmp.  Exceeded is what is above, as of a
 * plain number in the ranges of the Monitoring Plugins Development Guidelines.
 */
#include "probe/threshold.h"

#include "common/number.h"

#include <stdio.h>

#define MILLISECOND 1000000

/* A day, as for other times on the command line. */
#define MILLISECONDS_MAX 86400000

/* "100", "0.5" or "20.25", in millionths. */
static bool
scan(const char **text, uint64_t max, int64_t *millionths)
{
	uint64_t whole = 0, part = 0;

	if (!number_scan(text, max, &whole))
		return false;
	if (**text == '.') {
		++*text;
		if (number_scan_places(text, 6, &part) == 0)
			return false;
	}
	*millionths = (int64_t)(whole * MILLISECOND + part);
	return whole < max || part == 0;
}

/* One of the two, of which each may be there once. */
static bool
parse_term(struct threshold *threshold, const char **text)
{
	int64_t millionths;
	bool is_loss;

	if (!scan(text, MILLISECONDS_MAX, &millionths))
		return false;
	is_loss = **text == '%';
	*text += is_loss;
	if (is_loss) {
		if (threshold->has_loss || millionths > 100 * MILLISECOND)
			return false;
		threshold->has_loss = true;
		threshold->loss = (double)millionths / MILLISECOND;
		return true;
	}
	if (threshold->has_rta)
		return false;
	threshold->has_rta = true;
	threshold->rta = millionths;
	return true;
}

bool
threshold_parse(
    struct threshold *threshold, const char *text, char why[THRESHOLD_WHY])
{
	const char *at = text;

	*threshold = (struct threshold){ .has_rta = false };
	while (parse_term(threshold, &at)) {
		if (*at == '\0')
			return true;
		if (*at++ != ',')
			break;
	}
	snprintf(why, THRESHOLD_WHY,
	    "must be milliseconds and percent, as in 100,20%%, 100 or 20%%, "
	    "not \"%.60s\"",
	    text);
	return false;
}

bool
threshold_rta_exceeded(const struct threshold *threshold, double rta)
{
	return threshold->has_rta && rta > (double)threshold->rta;
}

bool
threshold_loss_exceeded(const struct threshold *threshold, double loss)
{
	return threshold->has_loss && loss > threshold->loss;
}

char *
threshold_format_rta(
    const struct threshold *threshold, char text[THRESHOLD_TEXT])
{
	text[0] = '\0';
	if (threshold->has_rta)
		snprintf(text, THRESHOLD_TEXT, "%.14g",
		    (double)threshold->rta / MILLISECOND);
	return text;
}

char *
threshold_format_loss(
    const struct threshold *threshold, char text[THRESHOLD_TEXT])
{
	text[0] = '\0';
	if (threshold->has_loss)
		snprintf(text, THRESHOLD_TEXT, "%.9g", threshold->loss);
	return text;
}
