/* SPDX-License-Identifier: ISC */
/*
 * The sums of a snapshot, added up one worker's socket at a time.
 */
#include "daemon/ops/snapshot.h"

static uint64_t
get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
add_local(struct snapshot_binding *binding, const struct stats_local *local)
{
	const struct mh_address *address = &local->address;
	/* Those of ours first: one that comes meanwhile is in the other, too.
	 */
	const uint64_t own = get(&local->own), count = get(&local->received);
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
		binding->local_counts[i] = binding->local_own[i] = 0;
		binding->local_count++;
	}
	binding->local_counts[i] += count;
	binding->local_own[i] += own;
}

static void
add_mode(struct snapshot_mode *sums, const struct service_mode *mode)
{
	size_t i;

	sums->packets += get(&mode->packets);
	sums->lost += get(&mode->lost);
	for (i = 0; i < SERVICE_RESIDENCES; i++)
		sums->residences[i] += get(&mode->residences[i]);
	sums->residence_sum += get(&mode->residence_sum);
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
	binding->delay_sum += get(&stats->delay_sum);
	for (i = 0; i < STATS_DELAYS; i++)
		binding->delays[i] += get(&stats->delays[i]);
	for (i = 0; i < SERVICE_EVENTS_MAX; i++)
		binding->events[i] += get(&stats->own.events[i]);
	for (i = 0; i < SERVICE_MODES_MAX; i++)
		add_mode(&binding->modes[i], &stats->own.modes[i]);
	for (i = 0; i < locals; i++)
		add_local(binding, &stats->locals[i]);
	binding->other_locals += get(&stats->other_locals);
}
