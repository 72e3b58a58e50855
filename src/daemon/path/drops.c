/* SPDX-License-Identifier: ISC */
/*
 * A short list for each reason, which is searched: a peer that is dropped again
 * and again takes one place.
 */
#include "daemon/path/drops.h"

static bool
is_same(const struct drops_entry *a, const struct drops_entry *b)
{
	return a->service == b->service && a->local.port == b->local.port &&
	    mh_address_compare(&a->peer, &b->peer) == 0 &&
	    mh_address_compare(&a->local, &b->local) == 0;
}

void
drops_note(
    struct drops *drops, enum verdict verdict, const struct drops_entry *entry)
{
	struct drops_entry *at = drops->entries[verdict], *oldest = at;
	struct drops_entry *end = at + DROPS_KEPT;
	uint64_t count = 0;

	for (; at < end; at++) {
		if (is_same(at, entry)) {
			count = at->count;
			oldest = at;
			break;
		}
		if (at->last < oldest->last)
			oldest = at;
	}
	count += entry->count;
	if (at == end || entry->last >= oldest->last)
		*oldest = *entry;
	oldest->count = count;
}

void
drops_merge(struct drops *drops, const struct drops *other)
{
	const struct drops_entry *entry;
	size_t verdict, i;

	for (verdict = 0; verdict < VERDICT_COUNT; verdict++)
		for (i = 0; i < DROPS_KEPT; i++) {
			entry = &other->entries[verdict][i];
			if (entry->count > 0)
				drops_note(drops, verdict, entry);
		}
}
