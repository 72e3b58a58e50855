/* SPDX-License-Identifier: ISC */
/*
 * A ring of records of different sizes: record, data, padding.  No record
 * wraps; space at the end that is too small for the next one stays unused.
 */
#include "lib/multihome_queue.h"

#include "lib/batch.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16

/* More than any system has for one queue; sizes of records do not overflow. */
#define QUEUE_MAX (SIZE_MAX / 4)

/* What place() returns if there is no room. */
#define NOWHERE SIZE_MAX

struct record {
	size_t size; /* of the whole record */
	int64_t deadline;
	struct mh_datagram datagram;
	/* Data follows. */
};

struct mh_queue {
	size_t size; /* of the ring */
	size_t head; /* offset of the oldest */
	size_t tail; /* offset after the newest */
	size_t end;  /* where the records before the wrap end */
	size_t count;
	/* By the last mh_queue_fill(): which slots of the batch are theirs. */
	unsigned int filled_first, filled;
	_Alignas(ALIGNMENT) uint8_t ring[];
};

struct mh_queue *
mh_queue_new(size_t size)
{
	struct mh_queue *queue = NULL;

	size -= size % ALIGNMENT;
	if (size != 0 && size <= QUEUE_MAX)
		queue = malloc(sizeof(*queue) + size);
	/* Not the ring: its pages take no memory until they are touched. */
	if (queue != NULL)
		*queue = (struct mh_queue){ .size = size };
	return queue;
}

void
mh_queue_free(struct mh_queue *queue)
{
	free(queue);
}

size_t
mh_queue_count(const struct mh_queue *queue)
{
	return queue == NULL ? 0 : queue->count;
}

static struct record *
record_at(struct mh_queue *queue, size_t offset)
{
	return (void *)(queue->ring + offset);
}

/* Find room for a record; its offset, or NOWHERE. */
static size_t
place(struct mh_queue *queue, size_t size)
{
	if (queue->count == 0)
		queue->head = queue->tail = queue->end = 0;
	if (queue->count > 0 && queue->tail <= queue->head)
		return queue->head - queue->tail >= size ? queue->tail
							 : NOWHERE;
	if (queue->size - queue->tail >= size)
		return queue->tail;
	if (queue->head < size)
		return NOWHERE;
	queue->end = queue->tail;
	return 0;
}

int
mh_queue_add(struct mh_queue *queue, const struct mh_datagram *datagram,
    int64_t deadline)
{
	struct record *record;
	size_t size, offset;

	if (queue == NULL || datagram->length > queue->size)
		return MH_ENOBUFFERS;
	size = sizeof(struct record) + datagram->length + ALIGNMENT - 1;
	size -= size % ALIGNMENT;
	offset = place(queue, size);
	if (offset == NOWHERE)
		return MH_ENOBUFFERS;
	record = record_at(queue, offset);
	record->size = size;
	record->deadline = deadline;
	record->datagram = *datagram;
	record->datagram.status = 0;
	record->datagram.data = record + 1;
	if (datagram->length > 0)
		memcpy(record + 1, datagram->data, datagram->length);
	queue->tail = offset + size;
	if (queue->tail > queue->head)
		queue->end = queue->tail;
	queue->count++;
	return 0;
}

/* Did mh_queue_fill() put it there?  As numbers: of any object. */
static bool
is_queued(const struct mh_queue *queue, const struct mh_datagram *datagram)
{
	uintptr_t data = (uintptr_t)datagram->data;

	return queue != NULL && data >= (uintptr_t)queue->ring &&
	    data <= (uintptr_t)queue->ring + queue->size;
}

unsigned int
mh_queue_keep(struct mh_queue *queue, struct mh_batch *batch, int64_t deadline)
{
	const bool sent = batch->outgoing_count == 0;
	const struct mh_datagram *datagram = batch->outgoing,
				 *end = datagram +
	    (sent ? batch->finished_count : batch->outgoing_count);
	unsigned int lost = 0;

	for (; datagram < end; datagram++) {
		if (sent ? datagram->status != MH_EAGAIN
			 : mh__batch_is_released(datagram))
			continue;
		if (is_queued(queue, datagram))
			continue;
		if (mh_queue_add(queue, datagram, deadline) != 0)
			lost++;
	}
	batch->outgoing_count = batch->finished_count = 0;
	return lost;
}

/* The record after that one. */
static size_t
next_offset(struct mh_queue *queue, size_t offset)
{
	offset += record_at(queue, offset)->size;
	return offset == queue->end ? 0 : offset;
}

/* Remove the oldest. */
static void
pop(struct mh_queue *queue)
{
	queue->head = next_offset(queue, queue->head);
	queue->count--;
}

unsigned int
mh_queue_expire(struct mh_queue *queue, int64_t now)
{
	unsigned int expired = 0;

	while (mh_queue_count(queue) > 0 &&
	    record_at(queue, queue->head)->deadline <= now) {
		pop(queue);
		expired++;
	}
	return expired;
}

unsigned int
mh_queue_fill(struct mh_queue *queue, struct mh_batch *batch)
{
	struct mh_datagram *datagram;
	size_t offset;

	if (queue == NULL)
		return 0;
	queue->filled_first = batch->outgoing_count;
	offset = queue->head;
	for (queue->filled = 0; queue->filled < queue->count; queue->filled++) {
		datagram = mh_batch_reserve(batch);
		if (datagram == NULL)
			break;
		*datagram = record_at(queue, offset)->datagram;
		offset = next_offset(queue, offset);
	}
	return queue->filled;
}

unsigned int
mh_queue_finish(struct mh_queue *queue, const struct mh_batch *batch)
{
	struct mh_datagram *oldest;
	unsigned int i, end, finished = 0;

	if (queue == NULL)
		return 0;
	i = queue->filled_first;
	end = i + queue->filled;
	queue->filled = 0;
	/* After one that the socket could not take all are like it. */
	for (; i < end && i < batch->finished_count &&
	     batch->outgoing[i].status != MH_EAGAIN;
	     i++) {
		pop(queue);
		finished++;
	}
	if (i < end && i < batch->finished_count) {
		/* Of a burst it may be only the rest. */
		oldest = &record_at(queue, queue->head)->datagram;
		oldest->data = batch->outgoing[i].data;
		oldest->length = batch->outgoing[i].length;
	}
	return finished;
}
