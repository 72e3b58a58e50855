/* SPDX-License-Identifier: ISC */
/*
 * The sums of a snapshot, added up one worker's socket at a time.
 */
#include "daemon/ops/snapshot.h"

static void
add_local(struct snapshot_binding *binding, const struct mh_address *address,
    uint64_t count)
{
	size_t i;

	for (i = 0; i < binding->local_count; i++)
		if (mh_address_compare(&binding->locals[i], address) == 0)
			break;
	if (i == STATS_LOCALS) {
		binding->other_locals += count;
		return;
	}
	if (i == binding->local_count) {
		binding->locals[i] = *address;
		binding->local_counts[i] = 0;
		binding->local_count++;
	}
	binding->local_counts[i] += count;
}

void
snapshot_add(struct snapshot_binding *binding, const struct stats *stats,
    uint64_t kernel_drops)
{
	unsigned int i,
	    locals =
		atomic_load_explicit(&stats->local_count, memory_order_acquire);

	stats_sum(stats, binding->counters);
	binding->kernel_drops += kernel_drops;
	binding->delay_sum +=
	    atomic_load_explicit(&stats->delay_sum, memory_order_relaxed);
	for (i = 0; i < STATS_DELAYS; i++)
		binding->delays[i] += atomic_load_explicit(
		    &stats->delays[i], memory_order_relaxed);
	for (i = 0; i < SERVICE_EVENTS_MAX; i++)
		binding->events[i] += atomic_load_explicit(
		    &stats->events[i], memory_order_relaxed);
	for (i = 0; i < locals; i++)
		add_local(binding, &stats->locals[i].address,
		    atomic_load_explicit(
			&stats->locals[i].received, memory_order_relaxed));
	binding->other_locals +=
	    atomic_load_explicit(&stats->other_locals, memory_order_relaxed);
}
