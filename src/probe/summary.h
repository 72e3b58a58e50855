/* SPDX-License-Identifier: ISC */
/*
 * All sessions together: what the summary line, the plugin and the exit code
 * say.
 */
#ifndef PROBE_SUMMARY_H
#define PROBE_SUMMARY_H

#include "probe/session.h"

struct summary {
	size_t targets;
	size_t ok, wrong, silent, error; /* targets; ports count as wrong,
					  * ICMP errors as silent */
	uint64_t sent, received;         /* requests, answers in time */
	uint64_t timed;                  /* answers that have a time */
	int64_t min, max;                /* ns */
	double mean;                     /* ns */
};

struct summary summary_of(struct session *const *sessions, size_t count);

/* enum options_exit for one verdict, and for all: the highest. */
int summary_exit_of(enum session_verdict verdict);
int summary_exit(const struct summary *summary);

/* Percent of requests without answer. */
double summary_loss(uint64_t sent, uint64_t received);

#endif
