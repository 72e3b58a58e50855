/* SPDX-License-Identifier: ISC */
/*
 * A list for each bucket, linked by number, so that memory can move.
 */
#include "common/hashindex.h"

#include <stdlib.h>

#define BUCKETS_LEAST 16

static struct hashindex_bucket *
bucket_of(const struct hashindex *index, uint32_t hash)
{
	return &index->buckets[hash & (index->bucket_count - 1)];
}

/* Append an item to its bucket. */
static void
link_item(struct hashindex *index, uint32_t number)
{
	struct hashindex_bucket *bucket =
	    bucket_of(index, index->items[number].hash);

	index->items[number].next = HASHINDEX_NONE;
	if (bucket->first == HASHINDEX_NONE)
		bucket->first = number;
	else
		index->items[bucket->last].next = number;
	bucket->last = number;
}

/* Room for twice as many. */
static bool
grow(struct hashindex *index)
{
	size_t i, count = index->bucket_count * 2;
	struct hashindex_bucket *buckets;
	struct hashindex_item *items;

	if (count == 0)
		count = BUCKETS_LEAST;
	if (count >= HASHINDEX_NONE)
		return false;
	items = realloc(index->items, count * sizeof(*items));
	if (items == NULL)
		return false;
	index->items = items;
	buckets = malloc(count * sizeof(*buckets));
	if (buckets == NULL)
		return false;
	free(index->buckets);
	index->buckets = buckets;
	index->bucket_count = count;
	for (i = 0; i < count; i++)
		buckets[i].first = HASHINDEX_NONE;
	for (i = 0; i < index->count; i++)
		link_item(index, (uint32_t)i);
	return true;
}

bool
hashindex_add(struct hashindex *index, uint32_t hash)
{
	if (index->count == index->bucket_count && !grow(index))
		return false;
	index->items[index->count].hash = hash;
	link_item(index, (uint32_t)index->count);
	index->count++;
	return true;
}

/* The first one of that hash from this one on. */
static uint32_t
find(const struct hashindex *index, uint32_t item, uint32_t hash)
{
	while (item != HASHINDEX_NONE && index->items[item].hash != hash)
		item = index->items[item].next;
	return item;
}

uint32_t
hashindex_first(const struct hashindex *index, uint32_t hash)
{
	if (index->count == 0)
		return HASHINDEX_NONE;
	return find(index, bucket_of(index, hash)->first, hash);
}

uint32_t
hashindex_next(const struct hashindex *index, uint32_t item)
{
	return find(index, index->items[item].next, index->items[item].hash);
}

void
hashindex_clear(struct hashindex *index)
{
	free(index->items);
	free(index->buckets);
	*index = (struct hashindex){ .items = NULL };
}

/* FNV-1a. */
uint32_t
hashindex_hash(uint32_t hash, const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;
	size_t i;

	hash ^= UINT32_C(2166136261);
	for (i = 0; i < size; i++)
		hash = (hash ^ byte[i]) * UINT32_C(16777619);
	return hash;
}
