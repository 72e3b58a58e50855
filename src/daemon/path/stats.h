/* SPDX-License-Identifier: ISC */
/*
 * Counters of one socket.  One thread writes them, any thread may read them:
 * each is correct, but together they are not of one moment.
 *
 * received + taken over + duplicates made on purpose = answered + silent +
 * dropped + handed over + still queued or held.
 */
#ifndef DAEMON_PATH_STATS_H
#define DAEMON_PATH_STATS_H

#include "daemon/path/fault.h"
#include "daemon/path/guard.h"
#include "services/service.h"

#include <stdatomic.h>

enum stats_counter {
	STATS_RECEIVED,
	STATS_ANSWERED,
	STATS_SILENT,      /* the service sent no reply, on purpose */
	STATS_UNPINNED,    /* answered, but not from the address asked */
	STATS_BY_ARRIVAL,  /* answered, by the arrival interface: routing was
			    * refused (Windows) */
	STATS_BEYOND,      /* answered with more than max-amplification */
	STATS_HANDED_OVER, /* answered by another socket of the service */
	STATS_TAKEN_OVER,  /* replies to what another socket received */
	STATS_BYTES_IN,    /* payload */
	STATS_BYTES_OUT,
	STATS_RECEIVED_IPV4,     /* of STATS_RECEIVED */
	STATS_OWN,               /* of STATS_RECEIVED: self-probes */
	STATS_CONTROL_TRUNCATED, /* their control data did not fit */
	STATS_RECEIVE_FAILED,    /* not for lack of datagrams; no datagrams */
	STATS_FAULT,             /* + enum fault_kind: made on purpose */
	/* The same: they should have been, but could not. */
	STATS_FAULT_IMPOSSIBLE = STATS_FAULT + FAULT_KINDS,
	STATS_DROPPED = STATS_FAULT_IMPOSSIBLE + FAULT_KINDS, /* + enum verdict
							       */
	STATS_COUNTERS = STATS_DROPPED + VERDICT_COUNT
};

/* How long datagrams waited in the socket: a histogram. */
#define STATS_DELAYS 12
extern const int64_t stats_delay_bounds[STATS_DELAYS]; /* ns; the last: any */

/* Local addresses that are counted separately; others are counted as one. */
#define STATS_LOCALS 64

struct stats_local {
	struct mh_address address;
	_Atomic uint64_t received, own; /* own: those that are self-probes */
};

struct stats {
	_Atomic uint64_t counters[STATS_COUNTERS];
	_Atomic uint64_t delays[STATS_DELAYS];
	_Atomic uint64_t delay_sum; /* ns */
	struct service_counts own;  /* the service's own */
	struct stats_local locals[STATS_LOCALS];
	_Atomic unsigned int local_count;
	_Atomic uint64_t other_locals;
	unsigned int last_local; /* a cache of the writer's */
};

/* For the one thread that writes. */
static inline void
stats_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter,
	    atomic_load_explicit(counter, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

static inline void
stats_count(struct stats *stats, enum stats_counter counter, uint64_t n)
{
	stats_add(&stats->counters[counter], n);
}

static inline void
stats_drop(struct stats *stats, enum verdict verdict, uint64_t n)
{
	stats_add(&stats->counters[STATS_DROPPED + verdict], n);
}

static inline uint64_t
stats_get(const struct stats *stats, enum stats_counter counter)
{
	return atomic_load_explicit(
	    &stats->counters[counter], memory_order_relaxed);
}

/* Count one that stats_arrival() has, as a self-probe of that local address. */
void stats_selfprobe(struct stats *stats, const struct mh_address *local);

/*
 * Count a received datagram by its local address, and how long it waited, in
 * UTC; but not if that seems to be more than longest, as the clock was set.
 */
void stats_arrival(struct stats *stats, const struct mh_datagram *request,
    int64_t now_ns, int64_t longest);

/* Another service counts from now on. */
void stats_clear_own(struct stats *stats);

/* Add the counters to sums. */
void stats_sum(const struct stats *stats, uint64_t sums[STATS_COUNTERS]);

/* The sum over all drop reasons. */
uint64_t stats_dropped(const uint64_t sums[STATS_COUNTERS]);

/*
 * Log counters in one line: "NAME ENDPOINT: received=1 answered=1 ...", with
 * all drop reasons that are not 0 at the end.
 */
void stats_log(const uint64_t sums[STATS_COUNTERS], const char *name,
    const struct mh_address *endpoint, uint64_t kernel_drops);

#endif
