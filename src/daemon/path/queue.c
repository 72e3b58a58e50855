/* SPDX-License-Identifier: ISC */
/*
 * A ring of records of different sizes: record, data, padding.  No record
 * wraps; space at the end that is too small for the next one stays unused.
 */
#include "daemon/path/queue.h"

#include <stdlib.h>
#include <string.h>

struct record {
	size_t size; /* of the whole record */
	int64_t deadline;
	struct mh_datagram reply;
	/* Data follows. */
};

struct queue {
	size_t head; /* offset of the oldest */
	size_t tail; /* offset after the newest */
	size_t end;  /* where the records before the wrap end */
	size_t count;
	_Alignas(16) uint8_t ring[QUEUE_SIZE];
};

struct queue *
queue_new(void)
{
	struct queue *queue = malloc(sizeof(*queue));

	if (queue != NULL)
		queue->head = queue->tail = queue->end = queue->count = 0;
	return queue;
}

void
queue_free(struct queue *queue)
{
	free(queue);
}

bool
queue_is_empty(const struct queue *queue)
{
	return queue == NULL || queue->count == 0;
}

size_t
queue_count(const struct queue *queue)
{
	return queue == NULL ? 0 : queue->count;
}

static struct record *
record_at(struct queue *queue, size_t offset)
{
	return (void *)(queue->ring + offset);
}

/* Find room for a record; its offset, or QUEUE_SIZE. */
static size_t
place(struct queue *queue, size_t size)
{
	if (queue->count == 0)
		queue->head = queue->tail = queue->end = 0;
	if (queue->count > 0 && queue->tail <= queue->head)
		return queue->head - queue->tail >= size ? queue->tail
							 : QUEUE_SIZE;
	if (QUEUE_SIZE - queue->tail >= size)
		return queue->tail;
	if (queue->head < size)
		return QUEUE_SIZE;
	queue->end = queue->tail;
	return 0;
}

bool
queue_add(
    struct queue *queue, const struct mh_datagram *reply, int64_t deadline)
{
	size_t size = (sizeof(struct record) + reply->length + 15) / 16 * 16;
	size_t offset = place(queue, size);
	struct record *record;

	if (offset == QUEUE_SIZE)
		return false;
	record = record_at(queue, offset);
	record->size = size;
	record->deadline = deadline;
	record->reply = *reply;
	record->reply.data = record + 1;
	if (reply->length > 0)
		memcpy(record->reply.data, reply->data, reply->length);
	queue->tail = offset + size;
	if (queue->tail > queue->head)
		queue->end = queue->tail;
	queue->count++;
	return true;
}

/* The record after that one. */
static size_t
next_offset(struct queue *queue, size_t offset)
{
	offset += record_at(queue, offset)->size;
	return offset == queue->end ? 0 : offset;
}

void
queue_pop(struct queue *queue)
{
	queue->head = next_offset(queue, queue->head);
	queue->count--;
}

unsigned int
queue_expire(struct queue *queue, int64_t now)
{
	unsigned int expired = 0;

	while (!queue_is_empty(queue) &&
	    record_at(queue, queue->head)->deadline <= now) {
		queue_pop(queue);
		expired++;
	}
	return expired;
}

void
queue_fill(struct queue *queue, struct mh_batch *batch)
{
	size_t i, offset = queue->head;
	struct mh_datagram *reply;

	for (i = 0; i < queue->count; i++) {
		reply = mh_batch_reserve(batch);
		if (reply == NULL)
			return;
		*reply = record_at(queue, offset)->reply;
		offset = next_offset(queue, offset);
	}
}
