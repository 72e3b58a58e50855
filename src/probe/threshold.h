/* SPDX-License-Identifier: ISC */
/*
 * From when on a target that answers is in trouble all the same, for
 * monitoring: by its round-trip time, or by what was lost.  Pure.
 */
#ifndef PROBE_THRESHOLD_H
#define PROBE_THRESHOLD_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes that hold any reason below. */
#define THRESHOLD_WHY 256

/* What may not be exceeded.  All zero: there is none. */
struct threshold {
	bool has_rta, has_loss;
	int64_t rta; /* average round-trip time, ns */
	double loss; /* percent */
};

/*
 * Read "RTA,LOSS%", or one of the two: milliseconds and percent, each with up
 * to six decimals.  False, and the reason in why, if it is something else.
 */
bool threshold_parse(
    struct threshold *threshold, const char *text, char why[THRESHOLD_WHY]);

/* Is this average, or this loss, more than that? */
bool threshold_rta_exceeded(const struct threshold *threshold, double rta);
bool threshold_loss_exceeded(const struct threshold *threshold, double loss);

/* Each as performance data have it; "" for none. */
#define THRESHOLD_TEXT 32
char *threshold_format_rta(
    const struct threshold *threshold, char text[THRESHOLD_TEXT]);
char *threshold_format_loss(
    const struct threshold *threshold, char text[THRESHOLD_TEXT]);

#endif
