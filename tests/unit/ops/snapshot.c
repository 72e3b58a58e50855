/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/snapshot.c: sums over workers, address by address.
 */
#include "daemon/ops/snapshot.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct stats stats;
static struct snapshot_binding binding;

static void
setup(void)
{
	memset(&stats, 0, sizeof(stats));
	memset(&binding, 0, sizeof(binding));
}

/* One more datagram to that address, which waited for a microsecond. */
static void
arrive(const char *local)
{
	const struct mh_datagram datagram = {
		.local = unit_address(local), .length = 3, .arrived_ns = 1000
	};

	stats_arrival(&stats, &datagram, 2000, INT64_MAX);
}

START_TEST(test_adds)
{
	arrive("192.0.2.1");
	arrive("192.0.2.1");
	arrive("192.0.2.2");
	snapshot_add(&binding, &stats, 5);
	memset(&stats, 0, sizeof(stats));
	arrive("192.0.2.2");
	arrive("192.0.2.3");
	snapshot_add(&binding, &stats, 7);
	ck_assert_uint_eq(binding.counters[STATS_RECEIVED], 5);
	ck_assert_uint_eq(binding.counters[STATS_BYTES_IN], 15);
	ck_assert_uint_eq(binding.kernel_drops, 12);
	ck_assert_uint_eq(binding.delay_sum, 5000);
	ck_assert_uint_eq(binding.delays[0], 5);
	ck_assert_uint_eq(binding.local_count, 3);
	unit_assert_address(&binding.locals[1], "192.0.2.2", "second");
	ck_assert_uint_eq(binding.local_counts[0], 2);
	ck_assert_uint_eq(binding.local_counts[1], 2);
	ck_assert_uint_eq(binding.local_counts[2], 1);
	ck_assert_uint_eq(binding.other_locals, 0);
}
END_TEST

/* Two workers may each know as many as fit, and different ones. */
START_TEST(test_many_addresses)
{
	char text[2][32];
	unsigned int i;

	for (i = 0; i < STATS_LOCALS; i++) {
		snprintf(text[0], sizeof(text[0]), "192.0.2.%u", i);
		arrive(text[0]);
	}
	snapshot_add(&binding, &stats, 0);
	memset(&stats, 0, sizeof(stats));
	for (i = 0; i < STATS_LOCALS; i++) {
		snprintf(text[1], sizeof(text[1]), "198.51.100.%u", i);
		arrive(text[1]);
		arrive(text[1]);
	}
	arrive("203.0.113.1");
	snapshot_add(&binding, &stats, 0);
	ck_assert_uint_eq(binding.local_count, STATS_LOCALS);
	ck_assert_uint_eq(binding.local_counts[STATS_LOCALS - 1], 1);
	ck_assert_uint_eq(binding.other_locals, 2 * STATS_LOCALS + 1);
}
END_TEST

Suite *
snapshot_suite(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("snapshot");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_adds);
	tcase_add_test(tcase, test_many_addresses);
	suite_add_tcase(suite, tcase);
	return suite;
}
