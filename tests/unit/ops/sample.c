/* SPDX-License-Identifier: ISC */
/*
 * A snapshot with a different number in each place.
 */
#include "unit/ops/sample.h"

#include "unit/unit.h"

#include <string.h>

struct snapshot sample;

static struct snapshot_binding bindings[2];
static const char *const events[] = { "begun", "ended", NULL };
static const char *const modes[] = { "open", "signed", NULL };
static struct stats halves[2];

static const struct {
	enum stats_counter counter;
	uint64_t values[2];
} counters[] = {
	{ STATS_RECEIVED, { 60, 40 } },
	{ STATS_ANSWERED, { 50, 30 } },
	{ STATS_SILENT, { 5, 0 } },
	{ STATS_UNPINNED, { 1, 2 } },
	{ STATS_BYTES_IN, { 600, 400 } },
	{ STATS_BYTES_OUT, { 500, 300 } },
	{ STATS_RECEIVED_IPV4, { 20, 10 } },
	{ STATS_OWN, { 0, 4 } },
	{ STATS_CONTROL_TRUNCATED, { 1, 0 } },
	{ STATS_RECEIVE_FAILED, { 1, 1 } },
	{ STATS_DROPPED + DROP_SOURCE_GONE, { 2, 4 } },
	{ STATS_FAULT + FAULT_DELAY, { 3, 5 } },
	{ STATS_FAULT_IMPOSSIBLE + FAULT_SOURCE, { 0, 7 } },
};

static void
add_local(struct stats *stats, const char *address, uint64_t received)
{
	struct stats_local *local = &stats->locals[stats->local_count++];

	local->address = unit_address(address);
	local->received = received;
}

/* Of its own events and modes. */
static void
fill_own(struct service_counts *own, size_t half)
{
	own->events[0] = 20 + half;
	own->events[1] = half;
	own->modes[0].packets = 30 + half;
	own->modes[0].residences[0] = 2 * half;
	own->modes[0].residences[SERVICE_RESIDENCES - 1] = 1 + half;
	own->modes[0].residence_sum = 2000 + 1000 * half;
	own->modes[1].packets = 32 + half;
	own->modes[1].lost = 3 + half;
}

/* 1, 2, ... 12 datagrams by delay: the first worker has those of even ones. */
static void
fill_halves(void)
{
	size_t i, half;

	for (half = 0; half < 2; half++) {
		memset(&halves[half], 0, sizeof(halves[half]));
		for (i = 0; i < LENGTH(counters); i++)
			halves[half].counters[counters[i].counter] =
			    counters[i].values[half];
		for (i = half; i < STATS_DELAYS; i += 2)
			halves[half].delays[i] = i + 1;
		halves[half].delay_sum = 750000000;
		fill_own(&halves[half].own, half);
	}
	add_local(&halves[0], "192.0.2.1", 5);
	add_local(&halves[0], "2001:db8::1", 30);
	add_local(&halves[1], "2001:db8::1", 40);
	add_local(&halves[1], "192.0.2.1", 7);
	halves[1].locals[0].own = 4;
	halves[0].other_locals = 18;
}

static const char *
interface_of(const void *argument, const struct mh_address *address)
{
	(void)argument;
	return address->family == MH_FAMILY_IPV4 ? "e<0>" : "";
}

void
sample_make(void)
{
	memset(bindings, 0, sizeof(bindings));
	fill_halves();
	bindings[0].service = "echo";
	bindings[0].event_names = bindings[1].event_names = events;
	bindings[0].mode_names = bindings[1].mode_names = modes;
	bindings[0].counts_lost = true;
	bindings[1].modes[1].lost = 8;
	bindings[0].bound = unit_address("[::]:7");
	bindings[0].faults.kinds[FAULT_DROP].every = 5;
	bindings[0].faults.kinds[FAULT_SOURCE].hundredths = 1000;
	bindings[0].faults.seed = 42;
	snapshot_add(&bindings[0], &halves[0], 4);
	snapshot_add(&bindings[0], &halves[1], 5);
	bindings[1].service = "echo:lab";
	bindings[1].bound = unit_address("192.0.2.1:7007");
	sample = (struct snapshot){ .bindings = bindings,
		.interface_of = interface_of,
		.binding_count = 2,
		.node = "gate <1> & co",
		.workers = 3,
		.reloads = 2,
		.reloads_failed = 1,
		.reload_failed = true,
		.reloaded_ns = INT64_C(1080250000000),
		.started_ns = INT64_C(1000500000000),
		.now_ns = INT64_C(1090500000000),
		.ready = true,
		.healthy = false,
		.unasked = 3,
		.http = { 11, 12, 13, 14, 15, 16, 17 } };
}
