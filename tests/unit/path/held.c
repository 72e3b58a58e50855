/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/held.c: everything is given back once, whole and in time; and
 * the store has an end.
 */
#include "daemon/path/held.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 8 };

static struct held *held;
static struct mh_batch *batch;

static void
setup(void)
{
	held = held_new();
	batch = mh_batch_new(SLOTS);
	ck_assert(held != NULL && batch != NULL);
}

static void
teardown(void)
{
	held_free(held);
	mh_batch_free(batch);
}

/* A datagram to that port, of that length, with data of its own. */
static bool
add(unsigned int port, size_t length, int64_t due, bool waits)
{
	static uint8_t data[65507];
	struct mh_datagram datagram = { .peer = unit_address("192.0.2.9:1"),
		.data = data,
		.length = length,
		.ttl = 99 };

	datagram.peer.port = (uint16_t)port;
	memset(data, (int)(port & 0xff), length);
	return held_add(held, &datagram, due, waits);
}

/* These ports, in this order, end by 0; each with its data. */
static void
assert_taken(int64_t now, const unsigned int *ports)
{
	const struct mh_datagram *at = batch->outgoing;
	size_t i;

	batch->outgoing_count = 0;
	held_take(held, batch, now);
	for (; *ports != 0; ports++, at++) {
		ck_assert_ptr_ne(at, batch->outgoing + batch->outgoing_count);
		ck_assert_uint_eq(at->peer.port, *ports);
		ck_assert_int_eq(at->ttl, 99);
		for (i = 0; i < at->length; i++)
			if (((uint8_t *)at->data)[i] != (*ports & 0xff))
				ck_abort_msg("%u: byte %zu", *ports, i);
	}
	ck_assert_ptr_eq(at, batch->outgoing + batch->outgoing_count);
}

#define TAKEN(now, ...) \
	assert_taken(now, (const unsigned int[]){ __VA_ARGS__, 0 })

START_TEST(test_in_time_and_in_order)
{
	ck_assert_int_eq(held_due(held), HELD_NEVER);
	ck_assert(add(1, 10, 300, false));
	ck_assert(add(2, 0, 100, false));
	ck_assert(add(3, 10, 300, false));
	ck_assert(add(4, 10, 200, false));
	ck_assert_int_eq(held_due(held), 100);
	TAKEN(99, 0);
	TAKEN(100, 2);
	ck_assert_int_eq(held_due(held), 200);
	TAKEN(300, 4, 1, 3);
	ck_assert_uint_eq(held_count(held), 0);
	ck_assert_int_eq(held_due(held), HELD_NEVER);
	TAKEN(HELD_NEVER, 0);
}
END_TEST

/* What comes after the next one to its peer, and not to another one. */
START_TEST(test_waits)
{
	const struct mh_address one = unit_address("192.0.2.9:1"),
				other = unit_address("192.0.2.8:1"),
				port = unit_address("192.0.2.9:2");

	ck_assert(!held_waits(held, &one));
	ck_assert(add(1, 10, 1000, true));
	ck_assert(held_waits(held, &one));
	ck_assert(!held_waits(held, &other) && !held_waits(held, &port));
	ck_assert(!held_release(held, &other, 50));
	ck_assert(!held_release(held, &port, 50));
	ck_assert(add(2, 10, 50, false));
	ck_assert(held_release(held, &one, 50));
	ck_assert(!held_waits(held, &one));
	ck_assert(!held_release(held, &one, 10));
	TAKEN(50, 2, 1);
}
END_TEST

/* As many as the batch has room for; the rest stays. */
START_TEST(test_by_batches)
{
	unsigned int i;

	for (i = 1; i <= SLOTS + 2; i++)
		ck_assert(add(i, 1, 0, false));
	TAKEN(0, 1, 2, 3, 4, 5, 6, 7, 8);
	ck_assert_uint_eq(held_count(held), 2);
	TAKEN(0, 9, 10);
}
END_TEST

/* It is full by number or by bytes; and what leaves makes room. */
static const struct {
	size_t length;
	unsigned int most;
} bounds[] = {
	{ 0, HELD_MAX },
	{ HELD_BYTES / HELD_MAX, HELD_MAX },
	{ HELD_BYTES / HELD_MAX + 1, HELD_BYTES / (HELD_BYTES / HELD_MAX + 1) },
	{ 65507, HELD_BYTES / 65507 },
};

START_TEST(test_is_bounded)
{
	const size_t length = bounds[_i].length;
	unsigned int i;

	for (i = 1; i <= bounds[_i].most; i++)
		ck_assert(add(i, length, i, false));
	ck_assert(!add(i, length, 1, false));
	ck_assert_uint_eq(held_count(held), bounds[_i].most);
	/* From the middle: the gap is closed, and nothing gets lost. */
	TAKEN(1, 1);
	TAKEN(2, 2);
	ck_assert(add(1001, length, 2000, false));
	ck_assert(add(1002, length, 2000, false));
	ck_assert(!add(1003, length, 2000, false));
	for (i = 3; i <= bounds[_i].most; i++)
		TAKEN(i, i);
	TAKEN(2000, 1001, 1002);
}
END_TEST

/* Out of memory is an empty one that has no room. */
START_TEST(test_without)
{
	const struct mh_address peer = unit_address("192.0.2.9:1");

	held_free(held);
	held = NULL;
	ck_assert(!add(1, 1, 1, false));
	ck_assert(!held_waits(held, &peer));
	ck_assert(!held_release(held, &peer, 1));
	ck_assert_int_eq(held_due(held), HELD_NEVER);
	ck_assert_uint_eq(held_count(held), 0);
	TAKEN(HELD_NEVER, 0);
}
END_TEST

Suite *
held_suite(void)
{
	Suite *suite = suite_create("held");
	TCase *tcase = tcase_create("held");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_in_time_and_in_order);
	tcase_add_test(tcase, test_waits);
	tcase_add_test(tcase, test_by_batches);
	tcase_add_loop_test(tcase, test_is_bounded, 0, LENGTH(bounds));
	tcase_add_test(tcase, test_without);
	suite_add_tcase(suite, tcase);
	return suite;
}
