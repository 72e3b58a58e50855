/* SPDX-License-Identifier: ISC */
/*
 * src/common/scope.c: which addresses need an interface.
 */
#include "common/scope.h"

#include "unit/unit.h"

static const struct {
	const char *text;
	bool missing;
} cases[] = {
	{ "fe80::1", true },
	{ "febf:ffff::1", true },
	{ "fe80::1%1", false },
	{ "fec0::1", false },
	{ "2001:db8::1", false },
	{ "fd00::1", false },
	{ "::", false },
	{ "::1", false },
	{ "ff01::1", true },
	{ "ff02::1", true },
	{ "ff12::1", true }, /* the first digit has flags */
	{ "ff02::1%1", false },
	{ "ff03::1", false },
	{ "ff05::2", false },
	{ "ff0e::1", false },
	/* The route tells the system the interface. */
	{ "169.254.0.1", false },
	{ "224.0.0.1", false },
};

START_TEST(test_missing)
{
	struct mh_address address;

	ck_assert_int_eq(mh_address_parse(&address, cases[_i].text), 0);
	ck_assert_msg(scope_is_missing(&address) == cases[_i].missing, "%s",
	    cases[_i].text);
}
END_TEST

/* Without a family it is not an address of a link, whatever its bytes. */
START_TEST(test_none)
{
	const struct mh_address none = {
		.family = MH_FAMILY_NONE,
		.ip = { 0xfe, 0x80 },
	};

	ck_assert(!scope_is_missing(&none));
}
END_TEST

Suite *
scope_suite(void)
{
	Suite *suite = suite_create("scope");
	TCase *tcase = tcase_create("scope");

	tcase_add_loop_test(tcase, test_missing, 0, LENGTH(cases));
	tcase_add_test(tcase, test_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
