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
	uint64_t by_system; /* that many of them are, see rtt_add_trip() */
	int64_t min, max;
	double mean;
	double squares;   /* sum of squared differences from the mean */
	int64_t *samples; /* a ring */
	size_t capacity;
};

/* Without memory, percentiles are of fewer times. */
void rtt_add(struct rtt *rtt, int64_t ns);

/* What is known of the way there and back. */
struct rtt_trip {
	int64_t sent;        /* by this program, of a clock that never jumps */
	int64_t left_utc;    /* by the system; 0: unknown */
	int64_t arrived_utc; /* the same */
	int64_t read;        /* by this program, by both clocks */
	int64_t read_utc;
};

/*
 * Add its time: from when the system sent the request to when it received the
 * answer, if both are known; else as close to that as can be told.  Returns
 * when the answer arrived, by the clock of sent.
 */
int64_t rtt_add_trip(struct rtt *rtt, const struct rtt_trip *trip);

/* The standard deviation of the times themselves (not of a sample of them). */
double rtt_deviation(const struct rtt *rtt);

/*
 * The smallest time that this percentage (1 to 100) of the times does not
 * exceed (nearest rank).  false if there is none, or no memory.
 */
bool rtt_percentile(const struct rtt *rtt, unsigned int percent, int64_t *ns);

void rtt_clear(struct rtt *rtt);

#endif
