/* SPDX-License-Identifier: ISC */
/*
 * Delay and loss in each direction.
 */
#include "probe/oneway.h"

struct oneway_times
oneway_times(const struct rtt_trip *trip, int64_t arrived)
{
	const int64_t utc = trip->read_utc - trip->read;
	struct oneway_times times = { trip->sent + utc, arrived + utc };

	/* The system's clock may have been set since. */
	if (trip->left_utc >= times.sent && trip->left_utc <= times.received)
		times.sent = trip->left_utc;
	return times;
}

static void
add_delay(struct oneway_delay *delay, uint64_t count, int64_t ns)
{
	if (count == 1 || ns < delay->min)
		delay->min = ns;
	if (count == 1 || ns > delay->max)
		delay->max = ns;
	delay->mean += ((double)ns - delay->mean) / (double)count;
}

static void
add_times(struct oneway *oneway, const struct protocol_reflection *reflection,
    const struct oneway_times *times)
{
	oneway->synchronised = reflection->synchronised;
	oneway->error_ns = reflection->error_ns;
	oneway->count++;
	add_delay(&oneway->there, oneway->count,
	    reflection->arrived_ns - times->sent);
	add_delay(&oneway->back, oneway->count,
	    times->received - reflection->left_ns);
}

/* That it counts shows only if the numbers differ, unless it says so. */
static void
add_number(struct oneway *oneway, const struct protocol_reflection *reflection,
    uint32_t sequence)
{
	if (reflection->counts || reflection->number != sequence)
		oneway->numbered = true;
	oneway->answers++;
	if (sequence + 1 <= oneway->requests)
		return;
	oneway->requests = sequence + 1;
	oneway->replies = reflection->number + 1;
}

void
oneway_add(struct oneway *oneway, const struct protocol_reflection *reflection,
    uint32_t sequence, const struct oneway_times *times)
{
	if (reflection->arrived_ns != 0 && reflection->left_ns != 0)
		add_times(oneway, reflection, times);
	if (reflection->numbered)
		add_number(oneway, reflection, sequence);
}

bool
oneway_loss(const struct oneway *oneway, uint32_t *there, uint32_t *back)
{
	/* Numbers that nobody can have counted: garbage, or another session. */
	if (!oneway->numbered || oneway->replies > oneway->requests ||
	    oneway->answers > oneway->replies)
		return false;
	*there = oneway->requests - oneway->replies;
	*back = oneway->replies - oneway->answers;
	return true;
}
