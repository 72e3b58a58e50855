/* SPDX-License-Identifier: ISC */
/*
 * A full list gives a newcomer the place of who has least, with its count: so
 * a count is never too small, and the largest are right.
 */
#include "daemon/path/top.h"

#include <stdlib.h>
#include <string.h>

/* The entry of the address, or the one to give it. */
static struct top_entry *
find(struct top_list *list, const struct mh_address *address)
{
	struct top_entry *at = list->entries, *least = at;
	const struct top_entry *end = at + list->used;

	for (; at < end; at++) {
		if (mh_address_compare(&at->address, address) == 0)
			return at;
		if (at->count < least->count)
			least = at;
	}
	if (list->used < TOP_KEPT)
		return &list->entries[list->used++];
	return least;
}

/* An entry of another list, or a newcomer. */
static void
add(struct top_list *list, const struct top_entry *entry)
{
	struct top_entry *at = find(list, &entry->address);

	if (mh_address_compare(&at->address, &entry->address) != 0) {
		at->address = entry->address;
		at->address.port = 0;
		at->excess = at->count;
	}
	at->count += entry->count;
	at->excess += entry->excess;
}

void
top_add(struct top_list *list, const struct mh_address *address, uint64_t n)
{
	const struct top_entry entry = { .address = *address, .count = n };

	if (n == 0)
		return;
	add(list, &entry);
	list->total += n;
}

void
top_merge(struct top_list *list, const struct top_list *other)
{
	unsigned int i;

	for (i = 0; i < other->used; i++)
		add(list, &other->entries[i]);
	list->total += other->total;
}

static int
compare(const void *a, const void *b)
{
	const struct top_entry *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return mh_address_compare(&left->address, &right->address);
}

void
top_sort(struct top_list *list)
{
	qsort(list->entries, list->used, sizeof(list->entries[0]), compare);
}

void
top_turn(struct top *top, int64_t now)
{
	const struct top_list none = { .used = 0 };
	const int64_t age = now - top->began;

	if (top->began != 0 && age < TOP_PERIOD)
		return;
	top->is_full = top->began != 0 && age < 2 * TOP_PERIOD;
	top->before = top->is_full ? top->present : none;
	top->began = top->is_full ? top->began + TOP_PERIOD : now;
	top->present = none;
}

void
top_sample(struct top *top, struct top_sampling *sampling,
    const struct mh_address *peer, uint64_t received, int64_t now)
{
	struct mh_address source = *peer;

	if (source.family == MH_FAMILY_IPV6)
		memset(source.ip + 8, 0, 8);
	top_turn(top, now);
	top_add(&top->present, &source, received - sampling->received);
	sampling->received = received;
	sampling->next = now + TOP_INTERVAL;
}

int64_t
top_collect(struct top *top, struct top_list *list, int64_t now)
{
	top_turn(top, now);
	top_merge(list, &top->before);
	top_merge(list, &top->present);
	return now - top->began + (top->is_full ? TOP_PERIOD : 0);
}
