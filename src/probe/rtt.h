/* SPDX-License-Identifier: ISC */
/*
 * Round-trip times of one target: all in nanoseconds.  Pure, but for memory.
 */
#ifndef PROBE_RTT_H
#define PROBE_RTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Percentiles are of this many of the last times. */
#define RTT_SAMPLES 65536

/* All zero to begin with. */
struct rtt {
	uint64_t count;
	int64_t min, max;
	double mean;
	double squares;   /* sum of squared differences from the mean */
	int64_t *samples; /* a ring */
	size_t capacity;
};

/* Without memory, percentiles are of fewer times. */
void rtt_add(struct rtt *rtt, int64_t ns);

/* The standard deviation of the times themselves (not of a sample of them). */
double rtt_deviation(const struct rtt *rtt);

/*
 * The smallest time that this percentage (1 to 100) of the times does not
 * exceed (nearest rank).  false if there is none, or no memory.
 */
bool rtt_percentile(const struct rtt *rtt, unsigned int percent, int64_t *ns);

void rtt_clear(struct rtt *rtt);

#endif
