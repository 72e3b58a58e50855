/* SPDX-License-Identifier: ISC */
/*
 * Look-up by hash in tables that grow one item at a time: comparing each of
 * 9000 services with all others would take too long.  It knows only hashes and
 * numbers; the caller has the items, and compares those of the same hash.
 */
#ifndef COMMON_HASHINDEX_H
#define COMMON_HASHINDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No such item. */
#define HASHINDEX_NONE UINT32_MAX

/* Initially all zero. */
struct hashindex {
	struct hashindex_item {
		uint32_t hash;
		uint32_t next; /* in the same bucket */
	} * items;
	struct hashindex_bucket {
		uint32_t first, last;
	} * buckets;
	size_t count;
	size_t bucket_count; /* a power of 2, and the room for items */
};

/*
 * Add the next item: the first one gets number 0, the second one 1.  False when
 * out of memory, with nothing changed.
 */
bool hashindex_add(struct hashindex *index, uint32_t hash);

/*
 * The items that were added with that hash, oldest first: hashindex_first(),
 * then hashindex_next() until HASHINDEX_NONE.
 */
uint32_t hashindex_first(const struct hashindex *index, uint32_t hash);
uint32_t hashindex_next(const struct hashindex *index, uint32_t item);

/* Remove all items and free the memory; new ones can be added again. */
void hashindex_clear(struct hashindex *index);

/*
 * The hash of bytes; hash: 0, or the hash of the bytes before them.  Not keyed:
 * only for what strangers do not choose.
 */
uint32_t hashindex_hash(uint32_t hash, const void *bytes, size_t size);

#endif
