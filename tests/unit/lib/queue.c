/* SPDX-License-Identifier: ISC */
/*
 * src/lib/queue.c: first in, first out, whole, and never more than fits; also
 * after the ring has wrapped many times.  And what it does with a batch.
 */
#include "lib/multihome_queue.h"

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 8, NEVER = 1000000, SIZE = 256 * 1024 };

static struct mh_queue *queue;
static struct mh_batch *batch;

static void
setup(void)
{
	queue = mh_queue_new(SIZE);
	batch = mh_batch_new(SLOTS);
	ck_assert_ptr_nonnull(queue);
	ck_assert_ptr_nonnull(batch);
}

static void
teardown(void)
{
	mh_queue_free(queue);
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
	int error;

	reply.peer.port = (uint16_t)n;
	memset(data, (int)n, length);
	error = mh_queue_add(queue, &reply, deadline);
	ck_assert(error == 0 || error == MH_ENOBUFFERS);
	return error == 0;
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
	unsigned int n;

	mh_batch_clear(batch);
	n = mh_queue_fill(queue, batch);
	ck_assert_uint_eq(n, batch->outgoing_count);
	return n;
}

/* As mh_batch_send() would, if the socket took that many of the batch. */
static void
finish(unsigned int sent)
{
	unsigned int i;

	for (i = 0; i < batch->outgoing_count; i++)
		batch->outgoing[i].status = i < sent ? MH_SENT : MH_EAGAIN;
	batch->finished_count = batch->outgoing_count;
	batch->outgoing_count = 0;
}

/* Send the oldest. */
static void
pop(void)
{
	ck_assert_uint_gt(fill(), 0);
	finish(1);
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 1);
}

/* One that was never made is empty. */
START_TEST(test_none)
{
	const struct mh_datagram reply = { .peer = unit_address("[::1]:9") };

	ck_assert_uint_eq(mh_queue_count(NULL), 0);
	ck_assert_uint_eq(mh_queue_expire(NULL, INT64_MAX), 0);
	ck_assert_uint_eq(mh_queue_fill(NULL, batch), 0);
	ck_assert_uint_eq(mh_queue_finish(NULL, batch), 0);
	ck_assert_int_eq(mh_queue_add(NULL, &reply, NEVER), MH_ENOBUFFERS);
	*mh_batch_reserve(batch) = reply;
	ck_assert_uint_eq(mh_queue_keep(NULL, batch, NEVER), 1);
	mh_queue_free(NULL);
}
END_TEST

/* What cannot be made, and the smallest that can. */
START_TEST(test_sizes)
{
	const struct mh_datagram huge = { .length = SIZE_MAX - 100 };

	ck_assert_ptr_null(mh_queue_new(0));
	ck_assert_ptr_null(mh_queue_new(15));
	ck_assert_ptr_null(mh_queue_new(SIZE_MAX));
	mh_queue_free(queue);
	queue = mh_queue_new(159);
	ck_assert(add(1, 0, NEVER));
	ck_assert(!add(2, 0, NEVER));
	pop();
	ck_assert(!add(3, 160, NEVER));
	ck_assert_int_eq(mh_queue_add(queue, &huge, NEVER), MH_ENOBUFFERS);
	mh_queue_free(queue);
	/* As the header says: up to 160 bytes more than its length. */
	queue = mh_queue_new(10 * (1000 + 160));
	while (add(1, 1000, NEVER))
		continue;
	ck_assert_uint_ge(mh_queue_count(queue), 10);
}
END_TEST

START_TEST(test_keeps_all_of_a_reply)
{
	struct mh_datagram *reply;

	ck_assert_uint_eq(mh_queue_count(queue), 0);
	ck_assert(add(1, 3, NEVER));
	ck_assert_uint_eq(mh_queue_count(queue), 1);
	ck_assert_uint_eq(fill(), 1);
	reply = &batch->outgoing[0];
	ck_assert(is_reply(reply, 1, 3));
	unit_assert_address(&reply->peer, "192.0.2.9:1", "peer");
	unit_assert_address(&reply->local, "192.0.2.1:7", "local");
	ck_assert_uint_eq(reply->if_index, 5);
	ck_assert_uint_eq(reply->flags, MH_VIA_VRF);
	/* Filling takes nothing away. */
	ck_assert_uint_eq(mh_queue_count(queue), 1);
	pop();
	ck_assert_uint_eq(mh_queue_count(queue), 0);
}
END_TEST

START_TEST(test_keeps_nothing_of_an_empty_reply_but_its_addresses)
{
	const struct mh_datagram reply = { .peer = unit_address("[::1]:9") };

	ck_assert_int_eq(mh_queue_add(queue, &reply, NEVER), 0);
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
	ck_assert_uint_eq(mh_queue_fill(queue, batch), SLOTS - 1);
	ck_assert_uint_eq(batch->outgoing_count, SLOTS);
	for (n = 0; n < SLOTS - 1; n++)
		ck_assert(is_reply(&batch->outgoing[n + 1], n, n));
	/* The first is the caller's own, and does not count. */
	finish(3);
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 2);
	ck_assert_uint_eq(mh_queue_count(queue), SLOTS + 1);
}
END_TEST

/* Failed for good is finished, too; and each is removed only once. */
START_TEST(test_finishes_what_failed)
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		ck_assert(add(n, 10, NEVER));
	ck_assert_uint_eq(fill(), 4);
	finish(3);
	batch->outgoing[0].status = MH_EGONE;
	batch->outgoing[1].status = MH_RELEASED;
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 3);
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 0);
	ck_assert_uint_eq(fill(), 1);
	ck_assert(is_reply(&batch->outgoing[0], 3, 10));
	/* As if it were new. */
	ck_assert_int_eq(batch->outgoing[0].status, 0);
	/* Given up instead of sent. */
	mh_batch_clear(batch);
	batch->finished_count = 0;
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 0);
	ck_assert_uint_eq(mh_queue_count(queue), 1);
}
END_TEST

/* A slot of the batch, with its number as its port and one byte. */
static void
reserve(unsigned int n)
{
	struct mh_datagram *reply =
	    fixture_reply(batch, "192.0.2.9:1", "192.0.2.1", 0);

	reply->peer.port = (uint16_t)n;
	memset(reply->data, (int)n, 1);
	reply->length = 1;
}

/* What is reserved, but not what was given back, nor what was sent before. */
START_TEST(test_keeps_what_is_reserved)
{
	unsigned int n;

	reserve(9);
	finish(0);
	for (n = 1; n <= 4; n++)
		reserve(n);
	/* Kept once already, and so not new: it is not what decides. */
	batch->outgoing[0].status = MH_EAGAIN;
	mh_batch_release(batch, &batch->outgoing[1]);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 0);
	ck_assert_uint_eq(batch->outgoing_count, 0);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 0);
	ck_assert_uint_eq(fill(), 3);
	ck_assert(is_reply(&batch->outgoing[0], 1, 1));
	ck_assert(is_reply(&batch->outgoing[1], 3, 1));
	ck_assert(is_reply(&batch->outgoing[2], 4, 1));
	ck_assert_uint_eq(mh_queue_expire(queue, 99), 0);
	ck_assert_uint_eq(mh_queue_expire(queue, 100), 3);
}
END_TEST

/* What the socket could not take, once. */
START_TEST(test_keeps_what_was_not_sent)
{
	unsigned int n;

	for (n = 1; n <= 5; n++)
		reserve(n);
	finish(3);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 0);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 0);
	ck_assert_uint_eq(fill(), 2);
	ck_assert(is_reply(&batch->outgoing[0], 4, 1));
	ck_assert(is_reply(&batch->outgoing[1], 5, 1));
}
END_TEST

/* What came from the queue is in it already; what was added to it is not. */
START_TEST(test_keeps_what_it_has_once)
{
	ck_assert(add(1, 10, NEVER));
	ck_assert(add(2, 0, NEVER));
	ck_assert_uint_eq(fill(), 2);
	reserve(3);
	finish(0);
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 0);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, NEVER), 0);
	ck_assert_uint_eq(mh_queue_count(queue), 3);
	/* Nor is it appended if it was not even tried. */
	ck_assert_uint_eq(fill(), 3);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, NEVER), 0);
	ck_assert_uint_eq(fill(), 3);
	ck_assert(is_reply(&batch->outgoing[0], 1, 10));
	ck_assert(is_reply(&batch->outgoing[1], 2, 0));
	ck_assert(is_reply(&batch->outgoing[2], 3, 1));
}
END_TEST

/* What was sent before something was received is over: its data may be, too. */
START_TEST(test_keeps_nothing_from_before_receiving)
{
	struct mh_socket *socket;

	fake_reset();
	socket = fixture_open(":7", MH_STACK_DUAL);
	reserve(1);
	finish(0);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 0);
	ck_assert_uint_eq(batch->finished_count, 0);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, NEVER), 0);
	ck_assert_uint_eq(mh_queue_count(queue), 0);
	mh_socket_close(socket);
	fake_reset();
}
END_TEST

/* A burst that the socket took a part of is not sent from its start again. */
START_TEST(test_goes_on_within_a_burst)
{
	const struct fake_fault faults[] = {
		{ .call = FAKE_SEND, .times = 1, .code = MH_EUNSUPPORTED },
		{ .call = FAKE_SEND, .skip = 1, .code = MH_EAGAIN }
	};
	const struct mh_datagram burst = { .peer = unit_address("192.0.2.9:1"),
		.ttl = -1,
		.tos = -1,
		.segment = 4,
		.data = (char[]){ "0123456789" },
		.length = 10 };
	struct mh_socket *socket;

	fake_reset();
	socket = fixture_open(":7", MH_STACK_DUAL);
	fake_fault(&faults[0]);
	fake_fault(&faults[1]);
	ck_assert_int_eq(mh_queue_add(queue, &burst, NEVER), 0);
	ck_assert_uint_eq(fill(), 1);
	mh_batch_send(batch, socket, NULL);
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 0);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, NEVER), 0);
	ck_assert_uint_eq(fill(), 1);
	ck_assert_uint_eq(batch->outgoing[0].length, 6);
	ck_assert_mem_eq(batch->outgoing[0].data, "456789", 6);
	ck_assert_uint_eq(batch->outgoing[0].segment, 4);
	finish(1);
	ck_assert_uint_eq(mh_queue_finish(queue, batch), 1);
	ck_assert_uint_eq(mh_queue_count(queue), 0);
	mh_socket_close(socket);
	fake_reset();
}
END_TEST

START_TEST(test_keeps_only_what_fits)
{
	unsigned int n;

	mh_queue_free(queue);
	queue = mh_queue_new(2 * 160);
	for (n = 1; n <= 5; n++)
		reserve(n);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 3);
	ck_assert_uint_eq(fill(), 2);
	ck_assert(is_reply(&batch->outgoing[0], 1, 1));
	ck_assert(is_reply(&batch->outgoing[1], 2, 1));
}
END_TEST

/* As in multihome_queue.h: a socket that takes three at a time. */
START_TEST(test_with_a_socket)
{
	const struct mh_source_policy policy = { .relaxed = false };
	const struct fake_fault full = {
		.call = FAKE_SEND, .skip = 3, .code = MH_EAGAIN
	};
	struct mh_socket *socket;
	unsigned int n, turns = 0;

	fake_reset();
	socket = fixture_open(":7", MH_STACK_DUAL);
	fake_fault(&full);
	for (n = 0; n < SLOTS; n++)
		reserve(n + 1);
	mh_batch_send(batch, socket, &policy);
	ck_assert(batch->wants_writable);
	ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 0);
	for (n = SLOTS; n < 20; n++) {
		reserve(n + 1);
		ck_assert_uint_eq(mh_queue_keep(queue, batch, 100), 0);
	}
	while (mh_queue_count(queue) > 0) {
		fake_heal();
		fake_fault(&full);
		mh_queue_expire(queue, 99);
		while (mh_queue_fill(queue, batch) > 0) {
			mh_batch_send(batch, socket, &policy);
			mh_queue_finish(queue, batch);
			if (batch->wants_writable)
				break;
		}
		turns++;
	}
	ck_assert_uint_eq(turns, 6); /* 3 of 17 each */
	ck_assert_uint_eq(fake.sent_count, 20);
	for (n = 0; n < 20; n++) {
		ck_assert_uint_eq(fake.sent[n].peer.port, n + 1);
		ck_assert_uint_eq(fake.sent[n].data[0], n + 1);
	}
	mh_socket_close(socket);
	fake_reset();
}
END_TEST

/* A deadline is the last moment that is too late. */
START_TEST(test_expires_from_the_front)
{
	ck_assert(add(1, 10, 100));
	ck_assert(add(2, 10, 200));
	ck_assert(add(3, 10, 300));
	ck_assert_uint_eq(mh_queue_expire(queue, 99), 0);
	ck_assert_uint_eq(mh_queue_expire(queue, 100), 1);
	ck_assert_uint_eq(mh_queue_expire(queue, 100), 0);
	ck_assert_uint_eq(fill(), 2);
	ck_assert(is_reply(&batch->outgoing[0], 2, 10));
	ck_assert_uint_eq(mh_queue_expire(queue, INT64_MAX), 2);
	ck_assert_uint_eq(mh_queue_count(queue), 0);
	ck_assert_uint_eq(fill(), 0);
	ck_assert_uint_eq(mh_queue_expire(queue, INT64_MAX), 0);
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
		pop();
	}
	ck_assert_uint_eq(mh_queue_count(queue), 0);
	ck_assert(add(1, 65507, NEVER));
}
END_TEST

/* After wrapping there is as much room as the oldest has freed, to 16 bytes. */
START_TEST(test_wraps_where_there_is_room)
{
	unsigned int n, count = 0;

	while (add(count, 1024, NEVER))
		count++;
	pop();
	ck_assert(!add(count, 1024 + 16, NEVER));
	ck_assert(add(count, 1024, NEVER));
	ck_assert(!add(count, 1024, NEVER));
	for (n = 1; n <= count; n++) {
		ck_assert_uint_gt(fill(), 0);
		ck_assert(is_reply(&batch->outgoing[0], n, 1024));
		pop();
	}
	ck_assert_uint_eq(mh_queue_count(queue), 0);
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
			pop();
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
	tcase_add_test(tcase, test_sizes);
	tcase_add_test(tcase, test_keeps_all_of_a_reply);
	tcase_add_test(
	    tcase, test_keeps_nothing_of_an_empty_reply_but_its_addresses);
	tcase_add_test(tcase, test_fills_only_free_slots);
	tcase_add_test(tcase, test_finishes_what_failed);
	tcase_add_test(tcase, test_keeps_what_is_reserved);
	tcase_add_test(tcase, test_keeps_what_was_not_sent);
	tcase_add_test(tcase, test_keeps_what_it_has_once);
	tcase_add_test(tcase, test_keeps_nothing_from_before_receiving);
	tcase_add_test(tcase, test_goes_on_within_a_burst);
	tcase_add_test(tcase, test_keeps_only_what_fits);
	tcase_add_test(tcase, test_with_a_socket);
	tcase_add_test(tcase, test_expires_from_the_front);
	tcase_add_test(tcase, test_refuses_what_does_not_fit);
	tcase_add_test(tcase, test_wraps_where_there_is_room);
	tcase_add_loop_test(tcase, test_is_first_in_first_out, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
