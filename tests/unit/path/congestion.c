/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/congestion.c: what is known, for how long, and who is asked.
 */
#include "daemon/path/congestion.h"

#include "unit/fake_host.h"
#include "unit/unit.h"

#define NOW (INT64_C(1000) * 1000000000)

static const struct host_backlog two[] = { { 3, 5000 }, { 7, 6000 } };

START_TEST(test_known)
{
	struct congestion congestion = { .channel = -1 };

	ck_assert(!congestion_at(NULL, 3, NOW));
	ck_assert(!congestion_at(&congestion, 3, NOW));
	congestion_set(&congestion, two, 2, NOW);
	ck_assert(congestion_at(&congestion, 3, NOW));
	ck_assert(congestion_at(&congestion, 7, NOW));
	ck_assert(!congestion_at(&congestion, 5, NOW));
	ck_assert(!congestion_at(&congestion, 0, NOW));
	congestion_set(&congestion, two + 1, 1, NOW);
	ck_assert(!congestion_at(&congestion, 3, NOW));
	ck_assert(congestion_at(&congestion, 7, NOW));
}
END_TEST

START_TEST(test_all_places)
{
	struct congestion congestion = { .channel = -1 };
	struct host_backlog table[CONGESTION_MAX];
	uint32_t i;

	for (i = 0; i < CONGESTION_MAX; i++)
		table[i] = (struct host_backlog){ i + 1, 5000 };
	congestion_set(&congestion, table, CONGESTION_MAX, NOW);
	ck_assert(congestion_at(&congestion, CONGESTION_MAX, NOW));
	ck_assert(!congestion_at(&congestion, CONGESTION_MAX + 1, NOW));
}
END_TEST

START_TEST(test_expires)
{
	struct congestion congestion = { .channel = -1 };

	congestion_set(&congestion, two, 2, NOW);
	ck_assert(congestion_at(&congestion, 3, NOW + CONGESTION_VALID));
	ck_assert(!congestion_at(&congestion, 3, NOW + CONGESTION_VALID + 1));
}
END_TEST

START_TEST(test_guess)
{
	static const uint32_t votes[] = { 3, 7, 7, 3, 7 };
	struct congestion congestion = { .channel = -1 };
	struct congestion_guess guess = { 0 };
	size_t i;

	ck_assert(!congestion_guessed(&congestion, &guess, 0));
	for (i = 0; i < sizeof(votes) / sizeof(votes[0]); i++)
		congestion_vote(&guess, votes[i], NOW + (int64_t)i);
	ck_assert(congestion_guessed(&congestion, &guess, 7));
	ck_assert(!congestion_guessed(&congestion, &guess, 3));
	congestion_set(&congestion, NULL, 0, NOW - 1);
	ck_assert(congestion_guessed(&congestion, &guess, 7));
	congestion_set(&congestion, NULL, 0, NOW);
	ck_assert(!congestion_guessed(&congestion, &guess, 7));
	/* What was before it was empty does not count. */
	guess.since = 0;
	congestion_vote(&guess, 3, NOW + 9);
	ck_assert(congestion_guessed(&congestion, &guess, 3));
}
END_TEST

/* A VLAN on a bridge with a slow port and another; and a macvlan on that. */
static struct host_interface stack[] = {
	{ .index = 2, .name = "slow", .bridge = 4 },
	{ .index = 3, .name = "fast", .bridge = 4 },
	{ .index = 4, .name = "bridge" },
	{ .index = 5, .name = "vlan", .below = 4 },
	{ .index = 6, .name = "macvlan", .below = 3 },
	{ .index = 7, .name = "alone" },
};

START_TEST(test_spreads)
{
	const struct host_network network = { .interfaces = stack,
		.interface_count = LENGTH(stack) };
	struct host_backlog table[CONGESTION_MAX] = { { 2, 5000 } };

	ck_assert_uint_eq(congestion_spread(&network, table, 1), 3);
	ck_assert_uint_eq(table[0].if_index, 2);
	ck_assert_uint_eq(table[1].if_index, 4);
	ck_assert_uint_eq(table[2].if_index, 5);
	/* Each once, and one that is not known is left alone. */
	table[0].if_index = 3;
	table[1].if_index = 2;
	table[2].if_index = 99;
	ck_assert_uint_eq(congestion_spread(&network, table, 3), 6);
	ck_assert_uint_eq(congestion_spread(&network, table, 0), 0);
}
END_TEST

START_TEST(test_spreads_no_further)
{
	const struct host_network network = { .interfaces = stack,
		.interface_count = LENGTH(stack) };
	struct host_backlog table[CONGESTION_MAX];
	uint32_t i;

	for (i = 0; i < CONGESTION_MAX; i++)
		table[i] = (struct host_backlog){ 100 + i, 5000 };
	table[CONGESTION_MAX - 1].if_index = 2;
	ck_assert_uint_eq(
	    congestion_spread(&network, table, CONGESTION_MAX), CONGESTION_MAX);
	ck_assert_uint_eq(table[CONGESTION_MAX - 1].if_index, 2);
}
END_TEST

/* However often it is asked, once until it is read; and not too soon. */
START_TEST(test_asks)
{
	struct congestion congestion = { .channel = -1 };

	congestion_ask(&congestion, NOW); /* nobody */
	ck_assert_uint_eq(fake_host.channel_sends, 0);
	congestion.channel = 9;
	congestion_ask(&congestion, NOW);
	congestion_ask(&congestion, NOW + 1);
	congestion_ask(&congestion, NOW + CONGESTION_FRESH);
	ck_assert_uint_eq(fake_host.channel_sends, 1);
	congestion_set(&congestion, two, 2, NOW);
	congestion_ask(&congestion, NOW + CONGESTION_FRESH - 1);
	ck_assert_uint_eq(fake_host.channel_sends, 1);
	congestion_ask(&congestion, NOW + CONGESTION_FRESH);
	ck_assert_uint_eq(fake_host.channel_sends, 2);
}
END_TEST

Suite *
congestion_suite(void)
{
	Suite *suite = suite_create("path/congestion");
	TCase *tcase = tcase_create("congestion");

	tcase_add_checked_fixture(tcase, fake_host_reset, NULL);
	tcase_add_test(tcase, test_known);
	tcase_add_test(tcase, test_all_places);
	tcase_add_test(tcase, test_expires);
	tcase_add_test(tcase, test_guess);
	tcase_add_test(tcase, test_spreads);
	tcase_add_test(tcase, test_spreads_no_further);
	tcase_add_test(tcase, test_asks);
	suite_add_tcase(suite, tcase);
	return suite;
}
