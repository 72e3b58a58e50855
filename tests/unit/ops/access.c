/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/access.c: peers and names that may ask, and those that may
 * not.
 */
#include "daemon/ops/access.h"

#include "unit/unit.h"

static struct access rules;

static void
teardown(void)
{
	access_clear(&rules);
}

static const struct {
	const char *host;
	bool ours;
} names[] = {
	{ "127.0.0.1", true },
	{ "192.0.2.1", true },
	{ "[2001:db8::1]", true },
	{ "[::1]", true },
	{ "localhost", true },
	{ "LocalHost.", true },
	{ "gate", true },
	{ "GATE.", true },
	{ "a.example", true },
	{ "B.example", true },
	{ "", false },
	{ ".", false },
	{ "c.example", false },
	{ "example", false },
	{ "gate.example", false },
	{ "gat", false },
	{ "xa.example", false },
	{ "a.example,", false },
	{ "a.example, b.example", false },
	{ "[localhost]", false },
	{ "[192.0.2.1]", false },
	{ "2001:db8::1", false },
	{ "[]", false },
	{ "192.0.2.1.evil.example", false },
};

START_TEST(test_names)
{
	static const struct config_prefixes nobody = { .count = 0 };

	ck_assert(access_set(&rules, &nobody, " a.example,b.example ,"));
	ck_assert_msg(access_is_our_name(&rules, names[_i].host, "gate") ==
		names[_i].ours,
	    "%s", names[_i].host);
	/* The list can be taken away again. */
	ck_assert(access_set(&rules, &nobody, NULL));
	ck_assert(!access_is_our_name(&rules, "a.example", "gate"));
}
END_TEST

START_TEST(test_peers)
{
	struct prefix item;
	const struct config_prefixes allow = { &item, 1 };
	const struct mh_address loopback = unit_address("127.0.0.9"),
				inside = unit_address("192.0.2.9"),
				outside = unit_address("198.51.100.9"),
				none = { .family = MH_FAMILY_NONE };

	ck_assert(access_may_ask(&rules, &loopback));
	ck_assert(!access_may_ask(&rules, &inside));
	ck_assert_int_eq(prefix_parse(&item, "192.0.2.0/24"), 0);
	ck_assert(access_set(&rules, &allow, NULL));
	ck_assert(access_may_ask(&rules, &loopback));
	ck_assert(access_may_ask(&rules, &inside));
	ck_assert(!access_may_ask(&rules, &outside));
	ck_assert(!access_may_ask(&rules, &none));
}
END_TEST

Suite *
access_suite(void)
{
	Suite *suite = suite_create("access");
	TCase *tcase = tcase_create("access");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, test_names, 0, LENGTH(names));
	tcase_add_test(tcase, test_peers);
	suite_add_tcase(suite, tcase);
	return suite;
}
