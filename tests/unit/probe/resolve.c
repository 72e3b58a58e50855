/* SPDX-License-Identifier: ISC */
/*
 * src/probe/resolve.c with names that need no name server: addresses.  The
 * namespace tests ask servers.
 */
#include "probe/resolve.h"

#include "unit/probe/suites.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

static struct event_base *base;
static struct resolve *resolve;
static char heard[512];
static bool wanted;

static void
hear(const char *what, size_t number, const char *text)
{
	size_t length = strlen(heard);

	snprintf(heard + length, sizeof(heard) - length, "%s %zu %s\n", what,
	    number, text);
}

static bool
on_found(void *self, size_t number, const struct mh_address *address)
{
	char text[MH_ADDRESS_TEXT];

	ck_assert_ptr_eq(self, heard);
	ck_assert_uint_eq(address->port, 0);
	hear("found", number, mh_address_format(address, text, sizeof(text)));
	return wanted;
}

static void
on_failed(void *self, size_t number, unsigned int family, const char *why)
{
	ck_assert_uint_eq(family, MH_FAMILY_NONE);
	ck_assert_ptr_eq(self, heard);
	hear("failed", number, why);
}

static const struct resolve_owner owner = { heard, on_found, on_failed };

static void
setup(void)
{
	base = event_base_new();
	resolve = resolve_new(base, 3, &owner);
	ck_assert_ptr_nonnull(resolve);
	heard[0] = '\0';
	wanted = true;
}

static void
teardown(void)
{
	resolve_free(resolve);
	event_base_free(base);
}

static const struct {
	const char *name;
	unsigned int family;
	bool wanted;
	const char *heard;
} cases[] = {
	{ "192.0.2.1", MH_FAMILY_NONE, true, "found 1 192.0.2.1\n" },
	{ "2001:db8::1", MH_FAMILY_NONE, true, "found 1 2001:db8::1\n" },
	{ "192.0.2.1", MH_FAMILY_IPV4, true, "found 1 192.0.2.1\n" },
	{ "2001:db8::1", MH_FAMILY_IPV6, true, "found 1 2001:db8::1\n" },
	/* If the owner wants none of them, there is none. */
	{ "192.0.2.1", MH_FAMILY_NONE, false,
	    "found 1 192.0.2.1\n"
	    "failed 1 no address of the requested family\n" },
};

START_TEST(test_address)
{
	wanted = cases[_i].wanted;
	ck_assert(resolve_start(resolve, 1, cases[_i].name, cases[_i].family));
	ck_assert_uint_eq(resolve_pending(resolve), 0);
	ck_assert_str_eq(heard, cases[_i].heard);
	/* What is over is not interrupted. */
	resolve_interrupt(resolve);
	ck_assert_str_eq(heard, cases[_i].heard);
}
END_TEST

/* Nothing was begun. */
START_TEST(test_nothing)
{
	ck_assert_uint_eq(resolve_pending(resolve), 0);
	resolve_interrupt(resolve);
	ck_assert_str_eq(heard, "");
	resolve_free(NULL);
}
END_TEST

Suite *
probe_resolve_suite(void)
{
	Suite *suite = suite_create("probe resolve");
	TCase *tcase = tcase_create("resolve");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_address, 0, LENGTH(cases));
	tcase_add_test(tcase, test_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
