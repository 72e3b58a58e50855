/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/queue.c: first in, first out, whole, and never more than
 * fits; also after the ring has wrapped many times.
 */
#include "daemon/path/queue.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 8, NEVER = 1000000 };

static struct queue *queue;
static struct mh_batch *batch;

static void
setup(void)
{
	queue = queue_new();
	batch = mh_batch_new(SLOTS);
	ck_assert_ptr_nonnull(queue);
	ck_assert_ptr_nonnull(batch);
}

static void
teardown(void)
{
	queue_free(queue);
	mh_batch_free(batch);
}

/* Add reply number n: its number is its port and all of its bytes. */
static bool
add(unsigned int n, size_t length, int64_t deadline)
{
	static uint8_t data[MH_SLOT_SIZE];
	struct mh_datagram reply = { .peer = unit_address("192.0.2.9:1"),
		.local = unit_address("192.0.2.1:7"),
		.if_index = 5,
		.flags = MH_VIA_VRF,
		.data = data,
		.length = length };

	reply.peer.port = (uint16_t)n;
	memset(data, (int)n, length);
	return queue_add(queue, &reply, deadline);
}

/* Is the reply number n, whole? */
static bool
is_reply(const struct mh_datagram *reply, unsigned int n, size_t length)
{
	const uint8_t *data = reply->data;

	if (reply->peer.port != (uint16_t)n || reply->length != length)
		return false;
	/*
	 * All bytes equal n if the first does, and each equals the previous
	 * one.
	 */
	return length == 0 ||
	    (data[0] == (uint8_t)n && memcmp(data, data + 1, length - 1) == 0);
}

static unsigned int
fill(void)
{
	mh_batch_clear(batch);
	queue_fill(queue, batch);
	return batch->outgoing_count;
}

/* One that was never made is empty. */
START_TEST(test_none)
{
	ck_assert(queue_is_empty(NULL));
	ck_assert_uint_eq(queue_count(NULL), 0);
	ck_assert_uint_eq(queue_expire(NULL, INT64_MAX), 0);
	queue_free(NULL);
}
END_TEST

START_TEST(test_keeps_all_of_a_reply)
{
	struct mh_datagram *reply;

	ck_assert(queue_is_empty(queue));
	ck_assert(add(1, 3, NEVER));
	ck_assert(!queue_is_empty(queue));
	ck_assert_uint_eq(fill(), 1);
	reply = &batch->outgoing[0];
	ck_assert(is_reply(reply, 1, 3));
	unit_assert_address(&reply->peer, "192.0.2.9:1", "peer");
	unit_assert_address(&reply->local, "192.0.2.1:7", "local");
	ck_assert_uint_eq(reply->if_index, 5);
	ck_assert_uint_eq(reply->flags, MH_VIA_VRF);
	/* Filling takes nothing away. */
	ck_assert(!queue_is_empty(queue));
	queue_pop(queue);
	ck_assert(queue_is_empty(queue));
}
END_TEST

START_TEST(test_keeps_nothing_of_an_empty_reply_but_its_addresses)
{
	const struct mh_datagram reply = { .peer = unit_address("[::1]:9") };

	ck_assert(queue_add(queue, &reply, NEVER));
	ck_assert_uint_eq(fill(), 1);
	ck_assert_uint_eq(batch->outgoing[0].length, 0);
	unit_assert_address(&batch->outgoing[0].peer, "[::1]:9", "peer");
}
END_TEST

START_TEST(test_fills_only_free_slots)
{
	unsigned int n;

	for (n = 0; n < SLOTS + 3; n++)
		ck_assert(add(n, n, NEVER));
	ck_assert_ptr_nonnull(mh_batch_reserve(batch));
	queue_fill(queue, batch);
	ck_assert_uint_eq(batch->outgoing_count, SLOTS);
	for (n = 0; n < SLOTS - 1; n++)
		ck_assert(is_reply(&batch->outgoing[n + 1], n, n));
}
END_TEST

/* A deadline is the last moment that is too late. */
START_TEST(test_expires_from_the_front)
{
	ck_assert(add(1, 10, 100));
	ck_assert(add(2, 10, 200));
	ck_assert(add(3, 10, 300));
	ck_assert_uint_eq(queue_expire(queue, 99), 0);
	ck_assert_uint_eq(queue_expire(queue, 100), 1);
	ck_assert_uint_eq(queue_expire(queue, 100), 0);
	ck_assert_uint_eq(fill(), 2);
	ck_assert(is_reply(&batch->outgoing[0], 2, 10));
	ck_assert_uint_eq(queue_expire(queue, INT64_MAX), 2);
	ck_assert(queue_is_empty(queue));
	ck_assert_uint_eq(fill(), 0);
	ck_assert_uint_eq(queue_expire(queue, INT64_MAX), 0);
}
END_TEST

/* Full is full: what does not fit leaves the contents alone. */
START_TEST(test_refuses_what_does_not_fit)
{
	unsigned int n, count = 0;

	while (add(count, 65507, NEVER))
		count++;
	ck_assert_uint_eq(count, 3); /* 256 KiB, and four are more */
	/* There is still room for small ones, and then not even for those. */
	while (add(count, 0, NEVER))
		count++;
	ck_assert_uint_gt(count, 300);
	ck_assert(!add(count, 0, NEVER));
	for (n = 0; n < count; n++) {
		fill();
		ck_assert(is_reply(&batch->outgoing[0], n, n < 3 ? 65507 : 0));
		queue_pop(queue);
	}
	ck_assert(queue_is_empty(queue));
	ck_assert(add(1, 65507, NEVER));
}
END_TEST

/* After wrapping there is as much room as the oldest has freed, to 16 bytes. */
START_TEST(test_wraps_where_there_is_room)
{
	unsigned int n, count = 0;

	while (add(count, 1024, NEVER))
		count++;
	queue_pop(queue);
	ck_assert(!add(count, 1024 + 16, NEVER));
	ck_assert(add(count, 1024, NEVER));
	ck_assert(!add(count, 1024, NEVER));
	for (n = 1; n <= count; n++) {
		ck_assert_uint_gt(fill(), 0);
		ck_assert(is_reply(&batch->outgoing[0], n, 1024));
		queue_pop(queue);
	}
	ck_assert(queue_is_empty(queue));
}
END_TEST

/*
 * Against a model that cannot be wrong: 5,000 steps of adding and removing with
 * all kinds of lengths, so that the ring wraps many times at all kinds of
 * offsets.
 */
START_TEST(test_is_first_in_first_out)
{
	static size_t lengths[5000];
	unsigned int i, step, first = 0, next = 0, refused = 0, filled;
	uint32_t random = (uint32_t)_i + 1;

	for (step = 0; step < LENGTH(lengths); step++) {
		random = random * 1664525 + 1013904223;
		lengths[next] = (random >> 8) % (_i % 2 == 0 ? 3000 : 65508);
		/* It becomes fuller and emptier by turns. */
		if ((random >> 30) < (step / 500 % 2 == 0 ? 3 : 1)) {
			if (add(next, lengths[next], NEVER))
				next++;
			else
				refused++;
			continue;
		}
		filled = fill();
		ck_assert_uint_eq(
		    filled, next - first < SLOTS ? next - first : SLOTS);
		for (i = 0; i < filled; i++)
			ck_assert(is_reply(&batch->outgoing[i], first + i,
			    lengths[first + i]));
		for (i = (random >> 20) % 3; i > 0 && first < next; i--) {
			queue_pop(queue);
			first++;
		}
	}
	ck_assert_uint_gt(first, 100);
	ck_assert_uint_gt(refused, 0);
}
END_TEST

Suite *
queue_suite(void)
{
	Suite *suite = suite_create("queue");
	TCase *tcase = tcase_create("queue");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_none);
	tcase_add_test(tcase, test_keeps_all_of_a_reply);
	tcase_add_test(
	    tcase, test_keeps_nothing_of_an_empty_reply_but_its_addresses);
	tcase_add_test(tcase, test_fills_only_free_slots);
	tcase_add_test(tcase, test_expires_from_the_front);
	tcase_add_test(tcase, test_refuses_what_does_not_fit);
	tcase_add_test(tcase, test_wraps_where_there_is_room);
	tcase_add_loop_test(tcase, test_is_first_in_first_out, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
