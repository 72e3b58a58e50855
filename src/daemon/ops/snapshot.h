/* SPDX-License-Identifier: ISC */
/*
 * The state of the daemon at one moment: all counters, summed over the workers,
 * and whether it is ready and healthy.  It is what metrics.c, page.c and http.c
 * show; it does not know the workers, callers add up the sums.
 */
#ifndef DAEMON_OPS_SNAPSHOT_H
#define DAEMON_OPS_SNAPSHOT_H

#include "daemon/path/stats.h"

struct records;
struct request;

/* What a service counts of one of its modes. */
struct snapshot_mode {
	uint64_t packets, lost;
	uint64_t residences[SERVICE_RESIDENCES];
	uint64_t residence_sum; /* ns */
};

/* One socket, summed over the workers. */
struct snapshot_binding {
	const char *service;
	struct mh_address bound;
	uint64_t counters[STATS_COUNTERS];
	struct fault_rules faults; /* made on purpose */
	uint64_t kernel_drops;
	uint64_t delays[STATS_DELAYS];
	uint64_t delay_sum;             /* ns */
	const char *const *event_names; /* the service's; NULL: none */
	uint64_t events[SERVICE_EVENTS_MAX];
	const char *const *mode_names; /* the service's; NULL: none */
	bool counts_lost;              /* it keeps sessions now */
	struct snapshot_mode modes[SERVICE_MODES_MAX];
	struct mh_address locals[STATS_LOCALS];
	uint64_t local_counts[STATS_LOCALS];
	uint64_t local_own[STATS_LOCALS]; /* of these, self-probes */
	size_t local_count;
	uint64_t other_locals;
};

/* How an HTTP connection ended. */
enum snapshot_http {
	SNAPSHOT_HTTP_ANSWERED,  /* as it asked */
	SNAPSHOT_HTTP_REFUSED,   /* answered with an error, 4xx or 5xx */
	SNAPSHOT_HTTP_FORBIDDEN, /* the peer is not in http-allow */
	SNAPSHOT_HTTP_EVICTED,   /* to make room for another */
	SNAPSHOT_HTTP_TIMED_OUT, /* too slow to ask or to take the answer */
	SNAPSHOT_HTTP_ABANDONED, /* by the peer, before the end */
	SNAPSHOT_HTTP_FAILED,    /* out of descriptors or memory */
	SNAPSHOT_HTTP_COUNT
};

struct snapshot {
	struct snapshot_binding *bindings;
	size_t binding_count;
	const char *node;
	unsigned int workers;
	uint64_t reloads;
	uint64_t reloads_failed;
	bool reload_failed;  /* the last one */
	int64_t reloaded_ns; /* the last good one, or the start; UTC */
	int64_t started_ns;  /* UTC */
	int64_t now_ns;
	bool ready;     /* not draining */
	bool healthy;   /* all sockets answered the last self-probe */
	size_t unasked; /* endpoints that it cannot query */
	uint64_t http[SNAPSHOT_HTTP_COUNT]; /* connections */
	/* The interface that an address of this host is on; "": unknown. */
	const char *(*interface_of)(
	    const void *argument, const struct mh_address *address);
	const void *interface_argument;
	/* For the control socket alone. */
	const struct request *query;
	struct records *records;
	unsigned int log_level; /* enum log_level */
};

/*
 * How far a snapshot has been printed, by metrics_step() or page_step().
 * Initially all zero.
 */
struct snapshot_cursor {
	size_t part;
	size_t binding;
};

/*
 * Add the counters of one worker's socket; kernel_drops: the datagrams that the
 * system dropped from its buffer.  Other threads may update them meanwhile.
 */
void snapshot_add(struct snapshot_binding *binding, const struct stats *stats,
    uint64_t kernel_drops);

#endif
