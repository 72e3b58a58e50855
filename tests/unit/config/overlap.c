/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/overlap.c: what conflicts is found, and the first of it.
 */
#include "daemon/config/overlap.h"

#include "unit/unit.h"

enum { EARLIER = 4 };

static const struct {
	unsigned int stack;
	const char *earlier[EARLIER];
	const char *wanted;
	int found; /* -1: none */
} cases[] = {
	{ MH_STACK_DUAL, { "127.0.0.1:7", "127.0.0.2:7" }, "127.0.0.2:7", 1 },
	{ MH_STACK_DUAL, { "127.0.0.1:7", "127.0.0.2:7" }, "127.0.0.3:7", -1 },
	{ MH_STACK_DUAL, { "127.0.0.1:7" }, "127.0.0.1:8", -1 },
	{ MH_STACK_DUAL, { "127.0.0.1:0" }, "127.0.0.1:0", -1 },
	{ MH_STACK_DUAL, { ":0" }, ":0", -1 },
	/* Wildcards, in both directions; the first one counts. */
	{ MH_STACK_DUAL, { ":7", "127.0.0.1:7" }, "127.0.0.1:7", 0 },
	{ MH_STACK_DUAL, { "127.0.0.1:7", ":7" }, "127.0.0.1:7", 0 },
	{ MH_STACK_DUAL, { "127.0.0.2:7", ":7" }, "127.0.0.1:7", 1 },
	{ MH_STACK_DUAL, { "127.0.0.1:8", "127.0.0.1:7" }, ":7", 1 },
	{ MH_STACK_DUAL, { ":8", "[::1]:7", ":7" }, "[::]:7", 1 },
	{ MH_STACK_DUAL, { "0.0.0.0:7", ":7" }, "[::1]:7", 1 },
	{ MH_STACK_DUAL, { "[::]:7" }, "127.0.0.1:7", 0 },
	/* Only in families that both have. */
	{ MH_STACK_DUAL, { "0.0.0.0:7" }, "[::1]:7", -1 },
	{ MH_STACK_IPV6, { "[::]:7" }, "127.0.0.1:7", -1 },
	{ MH_STACK_IPV4, { ":7" }, "[::1]:7", -1 },
	/* The scope makes a difference. */
	{ MH_STACK_DUAL, { "[fe80::1%1]:7", "[fe80::1%2]:7" }, "[fe80::1%2]:7",
	    1 },
	{ MH_STACK_DUAL, { "[fe80::1%1]:7" }, "[fe80::1%2]:7", -1 },
};

START_TEST(test_find)
{
	struct overlap overlap = { .stack = cases[_i].stack };
	struct mh_address earlier[EARLIER], wanted;
	const struct overlap_entry *found;
	int i;

	for (i = 0; i < EARLIER && cases[_i].earlier[i] != NULL; i++) {
		earlier[i] = unit_address(cases[_i].earlier[i]);
		ck_assert(overlap_add(&overlap, NULL, &earlier[i]));
	}
	wanted = unit_address(cases[_i].wanted);
	found = overlap_find(&overlap, &wanted);
	if (cases[_i].found < 0)
		ck_assert_ptr_null(found);
	else
		ck_assert_ptr_eq(found->endpoint, &earlier[cases[_i].found]);
	overlap_clear(&overlap);
	ck_assert_ptr_null(overlap_find(&overlap, &wanted));
}
END_TEST

/* Each of many, whatever their number. */
START_TEST(test_many)
{
	static struct mh_address many[3000];
	struct overlap overlap = { .stack = MH_STACK_DUAL };
	struct mh_address wanted;
	size_t i;

	for (i = 0; i < LENGTH(many); i++) {
		many[i] = unit_address("127.0.0.1:1");
		many[i].ip[2] = (uint8_t)(i / 1000);
		many[i].port = (uint16_t)(1 + i % 1000);
		ck_assert_ptr_null(overlap_find(&overlap, &many[i]));
		ck_assert(overlap_add(&overlap, NULL, &many[i]));
	}
	for (i = 0; i < LENGTH(many); i++) {
		wanted = many[i];
		ck_assert_ptr_eq(
		    overlap_find(&overlap, &wanted)->endpoint, &many[i]);
	}
	overlap_clear(&overlap);
}
END_TEST

Suite *
overlap_suite(void)
{
	Suite *suite = suite_create("overlap");
	TCase *tcase = tcase_create("overlap");

	tcase_add_loop_test(tcase, test_find, 0, LENGTH(cases));
	tcase_add_test(tcase, test_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
