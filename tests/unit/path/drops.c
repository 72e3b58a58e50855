/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/drops.c: of each reason the last peers stay, whatever one of
 * them sends.
 */
#include "daemon/path/drops.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct drops drops, other;

static void
setup(void)
{
	memset(&drops, 0, sizeof(drops));
	memset(&other, 0, sizeof(other));
}

static struct drops_entry
entry_of(const char *peer, int64_t last)
{
	return (struct drops_entry){ .peer = unit_address(peer),
		.local = unit_address("198.51.100.1:7"),
		.last = last,
		.count = 1,
		.request = (uint32_t)last };
}

static void
note(struct drops *into, const char *peer, int64_t last)
{
	const struct drops_entry entry = entry_of(peer, last);

	drops_note(into, DROP_RATE, &entry);
}

/* The entry of that peer, or NULL. */
static const struct drops_entry *
find(enum verdict verdict, const char *peer)
{
	const struct mh_address address = unit_address(peer);
	const struct drops_entry *entry = drops.entries[verdict];
	size_t i;

	for (i = 0; i < DROPS_KEPT; i++, entry++)
		if (entry->count > 0 &&
		    mh_address_compare(&entry->peer, &address) == 0)
			return entry;
	return NULL;
}

/* Its entry is that, with the last port and the last request. */
static void
expect(enum verdict verdict, const char *peer, uint64_t count, int64_t last)
{
	const struct drops_entry *entry = find(verdict, peer);

	if (entry == NULL) {
		ck_abort_msg("%s is not there", peer);
		return;
	}
	unit_assert_address(&entry->peer, peer, "peer");
	ck_assert_uint_eq(entry->count, count);
	ck_assert_int_eq(entry->last, last);
	ck_assert_uint_eq(entry->request, last);
}

/* Whatever its port. */
START_TEST(test_counts_a_peer)
{
	note(&drops, "192.0.2.1:5", 10);
	note(&drops, "192.0.2.2:5", 11);
	note(&drops, "192.0.2.1:6", 12);
	expect(DROP_RATE, "192.0.2.1:6", 2, 12);
	expect(DROP_RATE, "192.0.2.2:5", 1, 11);
	ck_assert_ptr_null(find(DROP_MALFORMED, "192.0.2.1"));
}
END_TEST

/* The local address and its port tell entries apart. */
START_TEST(test_by_local_address)
{
	struct drops_entry entry = entry_of("192.0.2.1:5", 1);
	unsigned int used = 0;
	size_t i;

	drops_note(&drops, DROP_RATE, &entry);
	entry.local.port++;
	drops_note(&drops, DROP_RATE, &entry);
	entry.local = unit_address("198.51.100.2:7");
	drops_note(&drops, DROP_RATE, &entry);
	for (i = 0; i < DROPS_KEPT; i++)
		used += drops.entries[DROP_RATE][i].count == 1;
	ck_assert_uint_eq(used, 3);
}
END_TEST

/* Who came longest ago goes, not who came first. */
START_TEST(test_keeps_the_last)
{
	char peer[32];
	int i;

	for (i = 1; i <= DROPS_KEPT; i++) {
		snprintf(peer, sizeof(peer), "192.0.2.%d:5", i);
		note(&drops, peer, i);
	}
	note(&drops, "192.0.2.1:5", 100);
	note(&drops, "192.0.2.99:5", 101);
	expect(DROP_RATE, "192.0.2.1:5", 2, 100);
	ck_assert_ptr_null(find(DROP_RATE, "192.0.2.2"));
	ck_assert_ptr_nonnull(find(DROP_RATE, "192.0.2.3"));
	expect(DROP_RATE, "192.0.2.99:5", 1, 101);
}
END_TEST

/* Two threads: counts add up, and the later one is shown. */
START_TEST(test_merge)
{
	char peer[32];
	int i;

	note(&drops, "192.0.2.1:5", 20);
	note(&other, "192.0.2.1:6", 10);
	note(&other, "192.0.2.1:6", 11);
	drops_merge(&drops, &other);
	expect(DROP_RATE, "192.0.2.1:5", 3, 20);
	memset(&other, 0, sizeof(other));
	for (i = 0; i < DROPS_KEPT; i++) {
		snprintf(peer, sizeof(peer), "203.0.113.%d:5", i + 1);
		note(&other, peer, i == 0 ? 1 : 30);
	}
	drops_merge(&drops, &other);
	/* There is room for all but one: that of longest ago is not kept. */
	ck_assert_ptr_nonnull(find(DROP_RATE, "192.0.2.1"));
	ck_assert_ptr_null(find(DROP_RATE, "203.0.113.1"));
	ck_assert_ptr_nonnull(find(DROP_RATE, "203.0.113.8"));
}
END_TEST

Suite *
drops_suite(void)
{
	Suite *suite = suite_create("drops");
	TCase *tcase = tcase_create("drops");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_counts_a_peer);
	tcase_add_test(tcase, test_by_local_address);
	tcase_add_test(tcase, test_keeps_the_last);
	tcase_add_test(tcase, test_merge);
	suite_add_tcase(suite, tcase);
	return suite;
}
