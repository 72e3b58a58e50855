/* SPDX-License-Identifier: ISC */
/*
 * A list without a lock: whoever reads it while it is written sees some of the
 * old interfaces and some of the new ones, and errs for a moment only.
 */
#include "daemon/path/congestion.h"

#include "platform/thread.h"

void
congestion_ask(struct congestion *congestion, int64_t now)
{
	const char wake = 'c';

	if (congestion->channel < 0 ||
	    now -
		    atomic_load_explicit(
			&congestion->read, memory_order_relaxed) <
		CONGESTION_FRESH)
		return;
	/* One byte at a time: the channel is never full. */
	if (!atomic_exchange_explicit(
		&congestion->asked, true, memory_order_relaxed))
		host_channel_send(congestion->channel, &wake, sizeof(wake));
}

static unsigned int
add(struct host_backlog *table, unsigned int count, uint32_t if_index,
    uint32_t bytes)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (table[i].if_index == if_index)
			return count;
	if (if_index != 0 && count < CONGESTION_MAX)
		table[count++] = (struct host_backlog){ if_index, bytes };
	return count;
}

unsigned int
congestion_spread(const struct host_network *network,
    struct host_backlog *table, unsigned int count)
{
	const struct host_interface *at, *end;
	unsigned int i;

	end = network->interfaces + network->interface_count;
	/* Those that are added may have others above them. */
	for (i = 0; i < count; i++)
		for (at = network->interfaces; at < end; at++) {
			if (at->index == table[i].if_index)
				count = add(
				    table, count, at->bridge, table[i].bytes);
			if (at->below == table[i].if_index)
				count = add(
				    table, count, at->index, table[i].bytes);
		}
	return count;
}

void
congestion_set(struct congestion *congestion, const struct host_backlog *table,
    unsigned int count, int64_t now)
{
	unsigned int i;

	for (i = 0; i < CONGESTION_MAX; i++)
		atomic_store_explicit(&congestion->interfaces[i],
		    i < count ? table[i].if_index : 0, memory_order_relaxed);
	atomic_store_explicit(&congestion->read, now, memory_order_release);
	atomic_store_explicit(&congestion->asked, false, memory_order_relaxed);
}

bool
congestion_at(
    const struct congestion *congestion, uint32_t if_index, int64_t now)
{
	uint32_t found;
	unsigned int i;

	if (congestion == NULL ||
	    now -
		    atomic_load_explicit(
			&congestion->read, memory_order_acquire) >
		CONGESTION_VALID)
		return false;
	for (i = 0; i < CONGESTION_MAX; i++) {
		found = atomic_load_explicit(
		    &congestion->interfaces[i], memory_order_relaxed);
		if (found == 0 || found == if_index)
			return found != 0;
	}
	return false;
}

void
congestion_vote(struct congestion_guess *guess, uint32_t if_index, int64_t now)
{
	if (guess->since == 0)
		*guess = (struct congestion_guess){ .since = now };
	if (guess->if_index == if_index) {
		guess->votes++;
	} else if (guess->votes > 0) {
		guess->votes--;
	} else {
		guess->if_index = if_index;
		guess->votes = 1;
	}
}

bool
congestion_guessed(const struct congestion *congestion,
    const struct congestion_guess *guess, uint32_t if_index)
{
	return guess->since != 0 && guess->if_index == if_index &&
	    atomic_load_explicit(&congestion->read, memory_order_acquire) <
	    guess->since;
}
