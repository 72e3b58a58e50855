/* SPDX-License-Identifier: ISC */
/*
 * Delay and loss in each direction, from answers of a server that says when a
 * request arrived and when the answer left, and that may number its answers.
 * Pure; delays are as good as both clocks are, and may be below 0.
 */
#ifndef PROBE_ONEWAY_H
#define PROBE_ONEWAY_H

#include "probe/protocols/protocol.h"
#include "probe/rtt.h"

/* Delays of one direction, in nanoseconds. */
struct oneway_delay {
	int64_t min, max;
	double mean;
};

/* All zero to begin with. */
struct oneway {
	uint64_t count; /* answers with times */
	struct oneway_delay there, back;
	bool synchronised; /* its clock, as of the last answer */
	uint64_t error_ns;
	/* Numbers count from 0. */
	bool numbered;     /* its numbers are not just those of requests */
	uint32_t answers;  /* to requests up to the last answered one */
	uint32_t requests; /* its number, plus 1 */
	uint32_t replies;  /* the number of the answer to it, plus 1 */
};

/* When a request left and its answer came, by our clock: UTC, nanoseconds. */
struct oneway_times {
	int64_t sent, received;
};

/*
 * Those of a trip, by the system where it says so.  arrived: what
 * rtt_add_trip() returned.
 */
struct oneway_times oneway_times(const struct rtt_trip *trip, int64_t arrived);

/* What the server says of request number sequence, and of its answer. */
void oneway_add(struct oneway *oneway,
    const struct protocol_reflection *reflection, uint32_t sequence,
    const struct oneway_times *times);

/*
 * How many requests and how many answers were lost, up to the last request that
 * was answered.  False if the server does not number its answers, as far as can
 * be seen.
 */
bool oneway_loss(const struct oneway *oneway, uint32_t *there, uint32_t *back);

#endif
