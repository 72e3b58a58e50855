/* SPDX-License-Identifier: ISC */
/*
 * src/run/preload/entries.c: one for each socket, and room for the next.
 */
#include "run/preload/entries.h"

#include "unit/run/suites.h"

#include <string.h>

static struct entry entries[ENTRIES];

static void
setup(void)
{
	memset(entries, 0, sizeof(entries));
}

START_TEST(test_claim)
{
	struct entry *one = entries_claim(entries, 1, 5);

	ck_assert_ptr_eq(entries_claim(entries, 1, 6), one);
	ck_assert_ptr_eq(entries_find(entries, 1), one);
	ck_assert_ptr_null(entries_find(entries, 2));
	ck_assert_ptr_ne(entries_claim(entries, 2, 5), one);
	entry_set(one, ENTRY_IPV4_OURS | ENTRY_OFF);
	entry_clear(one, ENTRY_OFF);
	ck_assert_uint_eq(entry_flags(one), ENTRY_IPV4_OURS);
	entries_free(one);
	ck_assert_ptr_null(entries_find(entries, 1));
	ck_assert_uint_eq(entry_flags(entries_claim(entries, 1, 5)), 0);
}
END_TEST

/* As many as a program may ever open: the oldest go, and leave nothing. */
START_TEST(test_many)
{
	struct entry *entry;
	uint64_t i;

	for (i = 1; i < 10 * ENTRIES; i++) {
		entry = entries_claim(entries, i, (uint32_t)i);
		ck_assert_uint_eq(entry_flags(entry), 0);
		entry_set(entry, ENTRY_STICKY);
		atomic_store(&entry->reader, 1);
		atomic_store(&entry->group_index, 1);
		ck_assert_ptr_eq(entries_find(entries, i), entry);
	}
	entry = entries_claim(entries, i, (uint32_t)i);
	ck_assert_int_eq(atomic_load(&entry->reader), 0);
	ck_assert_int_eq(atomic_load(&entry->group_index), 0);
	ck_assert_ptr_nonnull(entries_find(entries, i - 1));
}
END_TEST

/* One that is in use stays, and one that was given up goes before others. */
START_TEST(test_used)
{
	struct entry *kept = entries_claim(entries, 1, 1);
	uint32_t now = 1;
	uint64_t i;

	for (i = 2; i < 10 * ENTRIES; i++) {
		entry_use(kept, ++now);
		/* At the same time, so that only this tells them apart. */
		entry_use(entries_claim(entries, i, now), 0);
		ck_assert_ptr_eq(entries_find(entries, 1), kept);
	}
}
END_TEST

Suite *
run_entries_suite(void)
{
	Suite *suite = suite_create("run entries");
	TCase *tcase = tcase_create("entries");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_claim);
	tcase_add_test(tcase, test_many);
	tcase_add_test(tcase, test_used);
	suite_add_tcase(suite, tcase);
	return suite;
}
