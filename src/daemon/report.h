/* SPDX-License-Identifier: ISC */
/*
 * What operators see: a snapshot of all counters, as Prometheus metrics or as
 * a page for people.  Pure.
 */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

#include "daemon/stats.h"
#include "daemon/text.h"

/* One socket, summed over the workers. */
struct report_slot {
	const char *service;
	struct mh_address bound;
	uint64_t counters[STATS_COUNTERS];
	uint64_t kernel_drops;
	uint64_t delays[STATS_DELAYS];
	uint64_t delay_sum; /* ns */
	struct mh_address locals[STATS_LOCALS];
	uint64_t local_counts[STATS_LOCALS];
	size_t local_count;
	uint64_t other_locals;
};

struct report {
	struct report_slot *slots;
	size_t slot_count;
	const char *node;
	unsigned int workers;
	uint64_t reloads;
	uint64_t reloads_failed;
	int64_t started_ns; /* UTC */
	int64_t now_ns;
	bool ready;   /* not draining */
	bool healthy; /* the last self-probe was answered by all sockets */
};

/* Add what one worker's socket counted. */
void report_add(
    struct report_slot *slot, const struct stats *stats, uint64_t kernel_drops);

/* Prometheus text format 0.0.4. */
void report_metrics(const struct report *report, struct text *text);

/* An HTML page without script. */
void report_page(const struct report *report, struct text *text);

#endif
