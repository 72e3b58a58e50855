/* SPDX-License-Identifier: ISC */
/*
 * Records in the order of adding, and their data in the same order: what was
 * taken out leaves a gap, and the gaps are closed when room is needed.  It is
 * searched from end to end, which nobody notices who asked for delays.
 */
#include "daemon/path/held.h"

#include <stdlib.h>
#include <string.h>

struct record {
	struct mh_datagram datagram;
	size_t offset;  /* of the data */
	int64_t due;    /* HELD_NEVER: taken out */
	uint64_t order; /* of those due at the same time */
	bool waits;
};

struct held {
	struct record records[HELD_MAX];
	unsigned int used; /* records, with gaps */
	unsigned int count;
	size_t bytes; /* of the data, with gaps */
	int64_t due;  /* the first of them */
	uint64_t order;
	uint8_t data[HELD_BYTES];
};

struct held *
held_new(void)
{
	struct held *held = malloc(sizeof(*held));

	if (held == NULL)
		return NULL;
	/* Not the arrays: see held.h. */
	held->used = held->count = 0;
	held->bytes = 0;
	held->due = HELD_NEVER;
	held->order = 0;
	return held;
}

void
held_free(struct held *held)
{
	free(held);
}

/* Close the gaps. */
static void
compact(struct held *held)
{
	struct record *to = held->records;
	const struct record *at = to, *end = to + held->used;
	size_t bytes = 0;

	for (; at < end; at++) {
		if (at->due == HELD_NEVER)
			continue;
		memmove(held->data + bytes, held->data + at->offset,
		    at->datagram.length);
		*to = *at;
		to->offset = bytes;
		bytes += to->datagram.length;
		to++;
	}
	held->used = (unsigned int)(to - held->records);
	held->bytes = bytes;
}

static bool
has_room(const struct held *held, size_t length)
{
	return held->used < HELD_MAX && length <= HELD_BYTES - held->bytes;
}

bool
held_add(struct held *held, const struct mh_datagram *datagram, int64_t due,
    bool waits)
{
	struct record *record;

	if (held == NULL)
		return false;
	/* Without gaps it would be in vain, and that for every reply. */
	if (!has_room(held, datagram->length) && held->count < held->used)
		compact(held);
	if (!has_room(held, datagram->length))
		return false;
	record = &held->records[held->used++];
	*record = (struct record){
		.datagram = *datagram,
		.offset = held->bytes,
		.due = due,
		.order = held->order++,
		.waits = waits,
	};
	if (datagram->length > 0)
		memcpy(
		    held->data + held->bytes, datagram->data, datagram->length);
	held->bytes += datagram->length;
	held->count++;
	if (due < held->due)
		held->due = due;
	return true;
}

static bool
waits_for(const struct record *record, const struct mh_address *peer)
{
	const struct mh_address *its = &record->datagram.peer;

	return record->due != HELD_NEVER && record->waits &&
	    its->port == peer->port && mh_address_compare(its, peer) == 0;
}

bool
held_waits(const struct held *held, const struct mh_address *peer)
{
	unsigned int i;

	for (i = 0; held != NULL && i < held->used; i++)
		if (waits_for(&held->records[i], peer))
			return true;
	return false;
}

/* The one that is due first; NULL if there is none. */
static struct record *
first_due(struct held *held)
{
	struct record *record, *first = NULL;
	unsigned int i;

	for (i = 0; i < held->used; i++) {
		record = &held->records[i];
		if (record->due == HELD_NEVER)
			continue;
		if (first == NULL || record->due < first->due ||
		    (record->due == first->due && record->order < first->order))
			first = record;
	}
	return first;
}

bool
held_release(struct held *held, const struct mh_address *peer, int64_t due)
{
	struct record *record;
	bool any = false;
	unsigned int i;

	for (i = 0; held != NULL && i < held->used; i++) {
		record = &held->records[i];
		if (!waits_for(record, peer))
			continue;
		any = true;
		record->waits = false;
		record->due = due;
		record->order = held->order++;
	}
	if (any)
		held->due = first_due(held)->due;
	return any;
}

int64_t
held_due(const struct held *held)
{
	return held == NULL ? HELD_NEVER : held->due;
}

unsigned int
held_take(struct held *held, struct mh_batch *batch, int64_t now)
{
	struct mh_datagram *datagram;
	struct record *first;
	unsigned int taken = 0;

	while (held_count(held) > 0 && held->due <= now &&
	    (datagram = mh_batch_reserve(batch)) != NULL) {
		first = first_due(held);
		*datagram = first->datagram;
		datagram->data = held->data + first->offset;
		first->due = HELD_NEVER;
		held->count--;
		taken++;
		first = first_due(held);
		held->due = first != NULL ? first->due : HELD_NEVER;
	}
	return taken;
}

unsigned int
held_count(const struct held *held)
{
	return held == NULL ? 0 : held->count;
}
