/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/memory.c: what is freed is the system's again.
 */
#include "platform/memory.h"

#include "unit/platform/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 20000, SIZE = 1000 };

/* A sanitizer keeps what is freed to see whether it is used. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define RETURNS 1
#else
#define RETURNS 0
#endif

/* Resident memory in KiB. */
static unsigned long
resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long total, pages = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%lu %lu", &total, &pages), 2);
	fclose(file);
	return pages * 4;
}

START_TEST(test_trim)
{
	static char *blocks[COUNT];
	unsigned long before, full;
	char *last;
	size_t i;

	host_memory_economise();
	before = resident();
	for (i = 0; i < COUNT; i++) {
		blocks[i] = malloc(SIZE);
		ck_assert_ptr_nonnull(blocks[i]);
		memset(blocks[i], 1, SIZE);
	}
	/* What is in use above it does not matter. */
	last = malloc(SIZE);
	full = resident();
	ck_assert_uint_gt(full, before + COUNT * (SIZE / 2 / 1024.0));
	for (i = 0; i < COUNT; i++)
		free(blocks[i]);
	host_memory_trim();
	if (RETURNS)
		ck_assert_uint_lt(resident(), before + (full - before) / 8);
	free(last);
}
END_TEST

Suite *
platform_memory_suite(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");

	/* valgrind has an allocator of its own. */
	tcase_set_tags(tcase, "long");
	tcase_add_test(tcase, test_trim);
	suite_add_tcase(suite, tcase);
	return suite;
}
