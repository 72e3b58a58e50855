/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/top.c: whoever sends much is in the list, with the right
 * count, whatever crowd is around; and what is long ago is forgotten.
 */
#include "daemon/path/top.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define START (INT64_C(1000) * SECOND)

static struct top_list list;
static struct top top;
static struct top_sampling sampling;

static void
setup(void)
{
	memset(&list, 0, sizeof(list));
	memset(&top, 0, sizeof(top));
	memset(&sampling, 0, sizeof(sampling));
}

/* What is counted for it; 0: it is not in the list. */
static uint64_t
count_of(const char *text)
{
	const struct mh_address address = unit_address(text);
	unsigned int i;

	for (i = 0; i < list.used; i++)
		if (mh_address_compare(&list.entries[i].address, &address) == 0)
			return list.entries[i].count;
	return 0;
}

static void
add(const char *address, uint64_t n)
{
	const struct mh_address parsed = unit_address(address);

	top_add(&list, &parsed, n);
}

START_TEST(test_counts)
{
	add("192.0.2.1:5", 3);
	add("192.0.2.2:5", 4);
	add("192.0.2.1:6", 2);
	add("192.0.2.3:6", 0);
	ck_assert_uint_eq(list.used, 2);
	ck_assert_uint_eq(list.total, 9);
	top_sort(&list);
	unit_assert_address(&list.entries[0].address, "192.0.2.1", "first");
	ck_assert_uint_eq(list.entries[0].count, 5);
	ck_assert_uint_eq(list.entries[0].excess, 0);
	ck_assert_uint_eq(list.entries[1].count, 4);
}
END_TEST

/* Thousands that come once each; two that are among them again and again. */
START_TEST(test_crowd)
{
	char address[32];
	int i;

	for (i = 0; i < 10000; i++) {
		snprintf(
		    address, sizeof(address), "10.0.%d.%d", i / 250, i % 250);
		add(address, 1);
		add("192.0.2.1", 1);
		if (i % 4 == 0)
			add("192.0.2.2", 1);
	}
	top_sort(&list);
	ck_assert_uint_eq(list.used, TOP_KEPT);
	ck_assert_uint_eq(list.total, 22500);
	unit_assert_address(&list.entries[0].address, "192.0.2.1", "first");
	ck_assert_uint_eq(list.entries[0].count, 10000);
	unit_assert_address(&list.entries[1].address, "192.0.2.2", "second");
	ck_assert_uint_ge(list.entries[1].count, 2500);
	ck_assert_uint_le(list.entries[1].count - list.entries[1].excess, 2500);
}
END_TEST

START_TEST(test_merge)
{
	static struct top_list others;
	const struct mh_address both = unit_address("192.0.2.1");
	const struct mh_address another = unit_address("2001:db8::1");

	memset(&others, 0, sizeof(others));
	add("192.0.2.1", 5);
	top_add(&others, &both, 7);
	top_add(&others, &another, 20);
	top_merge(&list, &others);
	ck_assert_uint_eq(list.total, 32);
	ck_assert_uint_eq(count_of("192.0.2.1"), 12);
	ck_assert_uint_eq(count_of("2001:db8::1"), 20);
}
END_TEST

static void
sample(const char *peer, uint64_t received, int64_t now)
{
	const struct mh_address parsed = unit_address(peer);

	top_sample(&top, &sampling, &parsed, received, now);
}

static int64_t
collect(int64_t now)
{
	memset(&list, 0, sizeof(list));
	return top_collect(&top, &list, now);
}

/* Each sample stands for all since the one before. */
START_TEST(test_samples)
{
	sample("192.0.2.1:5", 10, START);
	ck_assert_int_eq(sampling.next, START + TOP_INTERVAL);
	sample("192.0.2.2:5", 40, START + TOP_INTERVAL);
	sample("192.0.2.1:6", 45, START + 2 * TOP_INTERVAL);
	ck_assert_int_eq(collect(START + 5 * SECOND), 5 * SECOND);
	ck_assert_uint_eq(list.total, 45);
	ck_assert_uint_eq(count_of("192.0.2.1"), 15);
	ck_assert_uint_eq(count_of("192.0.2.2"), 30);
}
END_TEST

/* Whoever has a /64 has all of its addresses. */
START_TEST(test_network)
{
	sample("[2001:db8:1:2::3]:5", 10, START);
	sample("[2001:db8:1:2:ffff::4]:5", 20, START);
	sample("[2001:db8:1:3::3]:5", 21, START);
	collect(START);
	ck_assert_uint_eq(count_of("2001:db8:1:2::"), 20);
	ck_assert_uint_eq(count_of("2001:db8:1:3::"), 1);
}
END_TEST

/* The last minute and the one that goes on. */
START_TEST(test_forgets)
{
	sample("192.0.2.1:5", 10, START);
	sample("192.0.2.2:5", 30, START + 61 * SECOND);
	ck_assert_int_eq(collect(START + 61 * SECOND), 61 * SECOND);
	ck_assert_uint_eq(list.total, 30);
	ck_assert_int_eq(collect(START + 121 * SECOND), 61 * SECOND);
	ck_assert_uint_eq(count_of("192.0.2.1"), 0);
	ck_assert_uint_eq(count_of("192.0.2.2"), 20);
	/* After a long pause there is nothing. */
	ck_assert_int_eq(collect(START + 1000 * SECOND), 0);
	ck_assert_uint_eq(list.used, 0);
}
END_TEST

Suite *
top_suite(void)
{
	Suite *suite = suite_create("top");
	TCase *tcase = tcase_create("top");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_counts);
	tcase_add_test(tcase, test_crowd);
	tcase_add_test(tcase, test_merge);
	tcase_add_test(tcase, test_samples);
	tcase_add_test(tcase, test_network);
	tcase_add_test(tcase, test_forgets);
	suite_add_tcase(suite, tcase);
	return suite;
}
