/* SPDX-License-Identifier: ISC */
/*
 * src/lib/burst.c: each datagram of a burst once, with what is its own and what
 * they have in common; and a burst on its way in and out of a batch.
 */
#include "lib/multihome_burst.h"

#include "unit/fixture.h"

#include <string.h>

static const struct {
	size_t length;
	uint32_t segment;
	uint32_t flags;
	unsigned int count;
	size_t last; /* its length */
} bursts[] = {
	{ 0, 0, 0, 1, 0 },
	{ 1, 0, 0, 1, 1 },
	{ 65507, 0, MH_TO_MULTICAST, 1, 65507 },
	{ 300, 0, MH_TRUNCATED, 1, 300 },
	{ 300, 100, 0, 3, 100 },
	{ 301, 100, MH_VIA_VRF, 4, 1 },
	{ 299, 100, 0, 3, 99 },
	{ 3, 1, 0, 3, 1 },
	{ 65535, 1200, 0, 55, 735 },
	{ 301, 100, MH_TRUNCATED | MH_VIA_VRF, 4, 1 },
	{ 300, 100, MH_TRUNCATED, 3, 100 },
	/* Cut off in the first; and not more than one. */
	{ 50, 100, MH_TRUNCATED, 1, 50 },
	{ 100, 100, 0, 1, 100 },
};

START_TEST(test_each_once)
{
	static uint8_t data[65536];
	const struct mh_datagram burst = { .peer = unit_address("192.0.2.9:9"),
		.local = unit_address("192.0.2.1"),
		.if_index = 3,
		.flags = bursts[_i].flags,
		.ttl = 61,
		.tos = 2,
		.segment = bursts[_i].segment,
		.arrived_ns = 12345,
		.data = data,
		.length = bursts[_i].length };
	struct mh_datagram one = { .data = NULL }, expected = burst;
	unsigned int count = 0;
	size_t at = 0;

	while (mh_burst_next(&one, &burst)) {
		bool last = ++count == bursts[_i].count;

		expected.data = data + at;
		expected.length = last ? bursts[_i].last : bursts[_i].segment;
		expected.segment = 0;
		expected.flags = bursts[_i].flags;
		if (!last)
			expected.flags &= ~(uint32_t)MH_TRUNCATED;
		ck_assert_mem_eq(&one, &expected, sizeof(one));
		at += one.length;
	}
	ck_assert_uint_eq(count, bursts[_i].count);
	ck_assert_uint_eq(at, bursts[_i].length);
	ck_assert(!mh_burst_next(&one, &burst));
}
END_TEST

/* In: what the system says of it, beside the address.  Out: the same. */
START_TEST(test_echo)
{
	const struct mh_source_policy policy = { .relaxed = false };
	const struct fake_incoming incoming = { .peer =
						    unit_address("192.0.2.9:9"),
		.arrival = { .has_ipv4 = true,
		    .ipv4_source = { 127, 0, 0, 1 },
		    .ipv4_target = { 127, 0, 0, 1 } },
		.segment = 100,
		.length = 250 };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	struct mh_batch *batch = mh_batch_new(4);
	struct mh_datagram *reply;

	fake_deliver(mh_socket_handle(socket), &incoming);
	ck_assert_int_eq(mh_batch_receive(batch, socket), 1);
	ck_assert_uint_eq(batch->received[0].segment, 100);
	unit_assert_address(
	    &batch->received[0].local, "127.0.0.1:7", "of the burst");
	reply = mh_batch_reserve(batch);
	ck_assert_int_eq(
	    mh_reply_address(reply, &batch->received[0], &policy), 0);
	reply->data = batch->received[0].data;
	reply->length = batch->received[0].length;
	reply->segment = batch->received[0].segment;
	ck_assert_int_eq(mh_batch_send(batch, socket, &policy), 1);
	ck_assert_uint_eq(fake.sent_count, 1);
	ck_assert_uint_eq(fake.sent[0].segment, 100);
	ck_assert_uint_eq(fake.sent[0].length, 250);
	unit_assert_address(&fake.sent[0].local, "127.0.0.1:7", "its source");
	mh_batch_free(batch);
	mh_socket_close(socket);
}
END_TEST

Suite *
burst_suite(void)
{
	Suite *suite = suite_create("burst");
	TCase *tcase = fixture_tcase("burst");

	tcase_add_loop_test(tcase, test_each_once, 0, LENGTH(bursts));
	tcase_add_test(tcase, test_echo);
	suite_add_tcase(suite, tcase);
	return suite;
}
