/* SPDX-License-Identifier: ISC */
/*
 * What operators see: a snapshot of all counters, as Prometheus metrics or as
 * a page for people.  Pure.
 */
#ifndef DAEMON_OPS_METRICS_H
#define DAEMON_OPS_METRICS_H

#include "daemon/path/stats.h"
#include "common/strbuf.h"

/* One socket, summed over the workers. */
struct metrics_binding {
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

struct metrics {
	struct metrics_binding *bindings;
	size_t binding_count;
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
void metrics_add(struct metrics_binding *binding, const struct stats *stats,
    uint64_t kernel_drops);

/* Prometheus text format 0.0.4. */
void metrics_prometheus(const struct metrics *metrics, struct strbuf *text);

/* An HTML page without script. */
void metrics_page(const struct metrics *metrics, struct strbuf *text);

#endif
