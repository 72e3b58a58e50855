/* SPDX-License-Identifier: ISC */
/*
 * Counters: updated on the datagram's way, read for logs and metrics.
 */
#include "daemon/path/stats.h"

#include "common/strbuf.h"
#include "daemon/base/log.h"

#include <inttypes.h>
#include <string.h>

#define US INT64_C(1000)
#define MS INT64_C(1000000)

const int64_t stats_delay_bounds[STATS_DELAYS] = { 10 * US, 50 * US, 100 * US,
	500 * US, 1 * MS, 5 * MS, 10 * MS, 50 * MS, 100 * MS, 500 * MS,
	1000 * MS, INT64_MAX };

static void
count_delay(struct stats *stats, int64_t delay)
{
	size_t i = 0;

	if (delay < 0)
		delay = 0; /* the clock was set */
	while (delay > stats_delay_bounds[i])
		i++;
	stats_add(&stats->delays[i], 1);
	stats_add(&stats->delay_sum, (uint64_t)delay);
}

/* An address other than that of the previous datagram. */
static __attribute__((noinline)) void
count_other_local(struct stats *stats, const struct mh_address *local)
{
	unsigned int i,
	    count =
		atomic_load_explicit(&stats->local_count, memory_order_relaxed);

	for (i = 0; i < count; i++)
		if (mh_address_compare(&stats->locals[i].address, local) == 0)
			break;
	if (i == STATS_LOCALS) {
		stats_add(&stats->other_locals, 1);
		return;
	}
	stats->last_local = i;
	stats_add(&stats->locals[i].received, 1);
	if (i < count)
		return;
	stats->locals[i].address = *local;
	/* Readers use an entry only after it is counted. */
	atomic_store_explicit(
	    &stats->local_count, count + 1, memory_order_release);
}

static void
count_local(struct stats *stats, const struct mh_address *local)
{
	struct stats_local *at = &stats->locals[stats->last_local];

	/* Mostly the previous one; an unused entry matches nothing. */
	if (memcmp(&at->address, local, sizeof(*local)) == 0 &&
	    local->family != MH_FAMILY_NONE)
		stats_add(&at->received, 1);
	else
		count_other_local(stats, local);
}

void
stats_selfprobe(struct stats *stats, const struct mh_address *local)
{
	unsigned int i,
	    count =
		atomic_load_explicit(&stats->local_count, memory_order_relaxed);

	stats_count(stats, STATS_OWN, 1);
	for (i = 0; i < count; i++)
		if (mh_address_compare(&stats->locals[i].address, local) == 0)
			stats_add(&stats->locals[i].own, 1);
}

void
stats_arrival(struct stats *stats, const struct mh_datagram *request,
    int64_t now_ns, int64_t longest)
{
	stats_count(stats, STATS_RECEIVED, 1);
	stats_count(stats, STATS_BYTES_IN, request->length);
	stats_count(
	    stats, STATS_RECEIVED_IPV4, request->peer.family == MH_FAMILY_IPV4);
	count_local(stats, &request->local);
	if (request->arrived_ns != 0 && now_ns - request->arrived_ns <= longest)
		count_delay(stats, now_ns - request->arrived_ns);
	if ((request->flags & MH_CONTROL_TRUNCATED) != 0)
		stats_count(stats, STATS_CONTROL_TRUNCATED, 1);
}

static void
clear(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, 0, memory_order_relaxed);
}

static void
clear_mode(struct service_mode *mode)
{
	size_t i;

	clear(&mode->packets);
	clear(&mode->lost);
	for (i = 0; i < SERVICE_RESIDENCES; i++)
		clear(&mode->residences[i]);
	clear(&mode->residence_sum);
}

void
stats_clear_own(struct stats *stats)
{
	size_t i;

	for (i = 0; i < SERVICE_EVENTS_MAX; i++)
		clear(&stats->own.events[i]);
	for (i = 0; i < SERVICE_MODES_MAX; i++)
		clear_mode(&stats->own.modes[i]);
}

void
stats_sum(const struct stats *stats, uint64_t sums[STATS_COUNTERS])
{
	size_t i;

	for (i = 0; i < STATS_COUNTERS; i++)
		sums[i] += stats_get(stats, i);
}

uint64_t
stats_dropped(const uint64_t sums[STATS_COUNTERS])
{
	uint64_t sum = 0;
	size_t i;

	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		sum += sums[STATS_DROPPED + i];
	return sum;
}

/* The other counters that are not 0. */
static void
list_rest(const uint64_t sums[STATS_COUNTERS], struct strbuf *list)
{
	static const struct {
		enum stats_counter counter;
		const char *name;
	} rest[] = {
		{ STATS_CONTROL_TRUNCATED, "control-truncated" },
		{ STATS_BY_ARRIVAL, "by-arrival" },
		{ STATS_BEYOND, "beyond-amplification" },
		{ STATS_HANDED_OVER, "handed-over" },
		{ STATS_TAKEN_OVER, "taken-over" },
		{ STATS_OWN, "self-probes" },
		{ STATS_RECEIVE_FAILED, "receive-failed" },
	};
	size_t i;

	for (i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		if (sums[rest[i].counter] != 0)
			strbuf_print(list, " %s=%" PRIu64, rest[i].name,
			    sums[rest[i].counter]);
}

/* The same for faults; what was dropped is among the reasons for that. */
static void
list_faults(const uint64_t sums[STATS_COUNTERS], struct strbuf *list)
{
	size_t i;

	for (i = FAULT_DROP + 1; i < FAULT_KINDS; i++) {
		if (sums[STATS_FAULT + i] != 0)
			strbuf_print(list, " fault-%s=%" PRIu64, fault_name(i),
			    sums[STATS_FAULT + i]);
		if (sums[STATS_FAULT_IMPOSSIBLE + i] != 0)
			strbuf_print(list, " no-fault-%s=%" PRIu64,
			    fault_name(i), sums[STATS_FAULT_IMPOSSIBLE + i]);
	}
}

/* The drop reasons that are not 0. */
static void
list_reasons(const uint64_t sums[STATS_COUNTERS], struct strbuf *list)
{
	size_t i;

	for (i = PASS + 1; i < VERDICT_COUNT; i++)
		if (sums[STATS_DROPPED + i] != 0)
			strbuf_print(list, " %s=%" PRIu64, verdict_name(i),
			    sums[STATS_DROPPED + i]);
}

/* Names have 20 letters at most, numbers 20 digits. */
#define MORE ((7 + 2 * FAULT_KINDS + VERDICT_COUNT) * 42 + 1)

void
stats_log(const uint64_t sums[STATS_COUNTERS], const char *name,
    const struct mh_address *endpoint, uint64_t kernel_drops)
{
	char address[MH_ADDRESS_TEXT], more[MORE];
	struct strbuf list = strbuf_over(more, sizeof(more));

	list_rest(sums, &list);
	list_faults(sums, &list);
	list_reasons(sums, &list);
	log_info("%s %s: received=%" PRIu64 " answered=%" PRIu64
		 " silent=%" PRIu64 " dropped=%" PRIu64 " unpinned=%" PRIu64
		 " bytes-in=%" PRIu64 " bytes-out=%" PRIu64
		 " kernel-drops=%" PRIu64 "%s",
	    name, mh_endpoint_format(endpoint, address, sizeof(address)),
	    sums[STATS_RECEIVED], sums[STATS_ANSWERED], sums[STATS_SILENT],
	    stats_dropped(sums), sums[STATS_UNPINNED], sums[STATS_BYTES_IN],
	    sums[STATS_BYTES_OUT], kernel_drops, list.text);
}
