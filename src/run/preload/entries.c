/* SPDX-License-Identifier: ISC */
/*
 * What we know of each socket.
 */
#include "run/preload/entries.h"

/* Places that an entry may have. */
#define PLACES 8u

static struct entry *
place(struct entry entries[ENTRIES], uint64_t cookie, unsigned int i)
{
	uint64_t hash = cookie * UINT64_C(0x9e3779b97f4a7c15);

	return &entries[((hash >> 40) + i) % ENTRIES];
}

struct entry *
entries_find(struct entry entries[ENTRIES], uint64_t cookie)
{
	struct entry *entry;
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		entry = place(entries, cookie, i);
		if (atomic_load(&entry->cookie) == cookie)
			return entry;
	}
	return NULL;
}

static void
reset(struct entry *entry)
{
	atomic_store(&entry->flags, 0);
	atomic_store(&entry->reader, 0);
	atomic_store(&entry->group_index, 0);
}

/* A free place, or that of the one that was used least recently. */
static struct entry *
victim(struct entry entries[ENTRIES], uint64_t cookie)
{
	struct entry *entry, *oldest = place(entries, cookie, 0);
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		entry = place(entries, cookie, i);
		if (atomic_load(&entry->cookie) == 0)
			return entry;
		if (atomic_load(&entry->used) < atomic_load(&oldest->used))
			oldest = entry;
	}
	return oldest;
}

struct entry *
entries_claim(struct entry entries[ENTRIES], uint64_t cookie, uint32_t now)
{
	struct entry *entry;
	uint64_t there;

	for (;;) {
		entry = entries_find(entries, cookie);
		if (entry != NULL)
			return entry;
		entry = victim(entries, cookie);
		there = atomic_load(&entry->cookie);
		if (there == cookie ||
		    !atomic_compare_exchange_strong(
			&entry->cookie, &there, cookie))
			continue;
		atomic_store(&entry->used, now);
		if (there != 0)
			reset(entry);
		return entry;
	}
}

void
entries_free(struct entry *entry)
{
	reset(entry);
	atomic_store(&entry->cookie, 0);
}
