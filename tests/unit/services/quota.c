/* SPDX-License-Identifier: ISC */
/*
 * src/services/quota.c: what is one network, and that each has its share.
 */
#include "services/quota.h"

#include "unit/services/ask.h"

#include <stdalign.h>
#include <string.h>

#define NETWORKS 5

static const uint8_t seed[SERVICE_SEED] = "not random";
static alignas(max_align_t) uint8_t memory[1024];
static struct quota *const quota = (void *)memory;

static void
setup(void)
{
	ck_assert_uint_lt(quota_size(NETWORKS), sizeof(memory));
	ck_assert_uint_eq(quota_size(NETWORKS) % alignof(max_align_t), 0);
	memset(memory, 0xee, sizeof(memory));
	quota_init(quota, NETWORKS, seed);
}

static void
teardown(void)
{
	size_t i = quota_size(NETWORKS);

	for (; i < sizeof(memory); i++)
		ck_assert_uint_eq(memory[i], 0xee);
}

static uint32_t
take(const char *peer, uint32_t most)
{
	const struct mh_address address = unit_address(peer);

	return quota_take(quota, &address, most);
}

static const struct {
	const char *one, *other;
	bool is_same;
} pairs[] = {
	{ "192.0.2.1", "192.0.2.1:9", true },
	{ "192.0.2.1", "192.0.2.254", true },
	{ "192.0.2.255", "192.0.3.0", false },
	{ "2001:db8::1", "2001:db8:0:ffff::1", true },
	{ "2001:db8::1", "2001:db8:1::1", false },
	{ "fe80::1%1", "fe80::2%1", true },
	{ "fe80::1%1", "fe80::1%2", false },
	{ "192.0.2.1", "c000:200::", false },
};

START_TEST(test_networks)
{
	ck_assert_uint_ne(take(pairs[_i].one, 1), QUOTA_FULL);
	ck_assert_int_eq(
	    take(pairs[_i].other, 1) == QUOTA_FULL, pairs[_i].is_same);
	/* What is refused changes nothing. */
	if (pairs[_i].is_same)
		ck_assert_uint_ne(take(pairs[_i].other, 2), QUOTA_FULL);
}
END_TEST

START_TEST(test_gives_back)
{
	uint32_t one = take("192.0.2.1", 2), other = take("192.0.3.1", 2);

	ck_assert_uint_ne(one, other);
	ck_assert_uint_eq(take("192.0.2.1", 2), one);
	ck_assert_uint_eq(take("192.0.2.1", 2), QUOTA_FULL);
	quota_release(quota, one);
	ck_assert_uint_eq(take("192.0.2.1", 2), one);
	ck_assert_uint_eq(take("192.0.2.1", 2), QUOTA_FULL);
	ck_assert_uint_eq(take("192.0.3.1", 2), other);
}
END_TEST

/* As many networks as there is room for, and no other until one has none. */
START_TEST(test_room)
{
	static const char *const peers[] = { "192.0.2.1", "192.0.3.1",
		"192.0.4.1", "2001:db8::1", "2001:db8:1::1" };
	uint32_t numbers[NETWORKS];
	int i, turn;

	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < NETWORKS; i++) {
			numbers[i] = take(peers[i], 9);
			ck_assert_uint_ne(numbers[i], QUOTA_FULL);
		}
		ck_assert_uint_eq(take("192.0.5.1", 9), QUOTA_FULL);
		ck_assert_uint_eq(take(peers[2], 9), numbers[2]);
		quota_release(quota, numbers[2]);
		ck_assert_uint_eq(take("192.0.5.1", 9), QUOTA_FULL);
		for (i = 0; i < NETWORKS; i++)
			quota_release(quota, numbers[(i * 2 + turn) % 5]);
	}
	ck_assert_uint_eq(take("192.0.2.1", 0), QUOTA_FULL);
	for (i = 0; i < NETWORKS; i++)
		ck_assert_uint_ne(take(peers[i], 1), QUOTA_FULL);
}
END_TEST

Suite *
quota_suite(void)
{
	Suite *suite = suite_create("quota");
	TCase *tcase = tcase_create("quota");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_networks, 0, LENGTH(pairs));
	tcase_add_test(tcase, test_gives_back);
	tcase_add_test(tcase, test_room);
	suite_add_tcase(suite, tcase);
	return suite;
}
