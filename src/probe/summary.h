/* SPDX-License-Identifier: ISC */
/*
 * All rows together: what the summary line, the plugin and the exit code say.
 */
#ifndef PROBE_SUMMARY_H
#define PROBE_SUMMARY_H

#include "probe/session.h"

struct tally {
	size_t targets;
	size_t ok, wrong, silent, error; /* targets; ports count as wrong,
					  * ICMP errors as silent */
	uint64_t sent, received;         /* requests, answers in time */
	uint64_t timed;                  /* answers that have a time */
	int64_t min, max;                /* ns */
	double mean;                     /* ns */
};

struct tally tally_rows(struct row *const *rows, size_t count);

/* enum options_exit for one verdict, and for all: the highest. */
int tally_exit_of(enum row_verdict verdict);
int tally_exit(const struct tally *tally);

/* Percent of requests without answer. */
double tally_loss(uint64_t sent, uint64_t received);

#endif
