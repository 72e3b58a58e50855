/* SPDX-License-Identifier: ISC */
/*
 * The functions of multihome(3) for a full socket, taken from the page and
 * compiled: all is sent, in its order, or is too late.
 */
#include "unit/fixture.h"

#include "lib/multihome_queue.h"

enum { SLOTS = 8, ALL = 3 * SLOTS, NOW = 1000000 };

/* From the page. */
bool send_reserved(struct mh_queue *queue, struct mh_batch *batch,
    struct mh_socket *socket, int64_t now);
bool send_queued(struct mh_queue *queue, struct mh_batch *batch,
    struct mh_socket *socket, int64_t now);

static struct mh_queue *queue;
static struct mh_batch *batch;
static struct mh_socket *server;
static unsigned int reserved;

static void
setup(void)
{
	queue = mh_queue_new(1 << 16);
	batch = mh_batch_new(SLOTS);
	server = fixture_open(":7", MH_STACK_DUAL);
	reserved = 0;
}

static void
teardown(void)
{
	mh_queue_free(queue);
	mh_batch_free(batch);
	mh_socket_close(server);
}

/* The socket takes that many more. */
static void
block(unsigned int most)
{
	const struct fake_fault full = {
		.call = FAKE_SEND, .skip = most, .code = MH_EAGAIN
	};

	fake_heal();
	fake_fault(&full);
}

static bool
send_some(int64_t now)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		fixture_reply(batch, "192.0.2.9:1", "192.0.2.1", 0)->peer.port =
		    (uint16_t)++reserved;
	return send_reserved(queue, batch, server, now);
}

START_TEST(test_sends_all_in_order)
{
	unsigned int i, turns = 1;

	block(3);
	ck_assert(send_some(NOW));
	block(3);
	ck_assert(send_some(NOW));
	ck_assert(send_some(NOW));
	ck_assert_uint_eq(fake.sent_count, 3);
	for (; send_queued(queue, batch, server, NOW + 499); turns++)
		block(5);
	ck_assert_uint_eq(turns, 5); /* 3, three times 5, and the rest */
	ck_assert_uint_eq(fake.sent_count, ALL);
	for (i = 0; i < ALL; i++)
		ck_assert_uint_eq(fake.sent[i].peer.port, i + 1);
	fake_heal();
	ck_assert(!send_some(NOW));
	ck_assert_uint_eq(fake.sent_count, ALL + SLOTS);
}
END_TEST

START_TEST(test_gives_up)
{
	block(0);
	ck_assert(send_some(NOW));
	ck_assert(send_some(NOW + 1));
	block(ALL);
	ck_assert(!send_queued(queue, batch, server, NOW + 500));
	ck_assert_uint_eq(fake.sent_count, SLOTS);
	ck_assert_uint_eq(fake.sent[0].peer.port, SLOTS + 1);
}
END_TEST

static Suite *
full_suite(void)
{
	Suite *suite = suite_create("full");
	TCase *tcase = fixture_tcase("full");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_sends_all_in_order);
	tcase_add_test(tcase, test_gives_up);
	suite_add_tcase(suite, tcase);
	return suite;
}

Suite *(*const unit_suites[])(void) = { full_suite, NULL };
