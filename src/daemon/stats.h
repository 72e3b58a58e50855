/* SPDX-License-Identifier: ISC */
/*
 * Counters of one socket.  received = answered + silent + dropped + what is
 * still queued.
 */
#ifndef DAEMON_STATS_H
#define DAEMON_STATS_H

#include "daemon/guard.h"

struct stats {
	uint64_t received;
	uint64_t answered;
	uint64_t silent;   /* the service had nothing to say */
	uint64_t unpinned; /* answered, but not from the address asked */
	uint64_t bytes_in; /* payload */
	uint64_t bytes_out;
	uint64_t dropped[VERDICT_COUNT];
};

/* The sum over all reasons. */
uint64_t stats_dropped(const struct stats *stats);

/*
 * Log them in one line: "NAME ENDPOINT: received=1 answered=1 ...", all drop
 * reasons that are not 0 last.
 */
void stats_log(const struct stats *stats, const char *name,
    const struct mh_address *endpoint, uint64_t kernel_drops);

#endif
