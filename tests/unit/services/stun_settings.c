/* SPDX-License-Identifier: ISC */
/*
 * src/services/stun_settings.c: lists of addresses, and what is wrong with
 * others.  Pure.
 */
#include "services/stun_settings.h"

#include "unit/unit.h"

#include <string.h>

static const struct good {
	const char *other_address, *map;
	size_t named, mapped;
	const char *last_named, *last_inside, *last_outside;
} good[] = {
	{ NULL, NULL, 0, 0, NULL, NULL, NULL },
	{ "", " ", 0, 0, NULL, NULL, NULL },
	{ "192.0.2.1", NULL, 1, 0, "192.0.2.1", NULL, NULL },
	{ "192.0.2.1,2001:db8::1", NULL, 2, 0, "2001:db8::1", NULL, NULL },
	{ " 192.0.2.1 , 10.0.0.1 fd00::1", NULL, 3, 0, "fd00::1", NULL, NULL },
	{ NULL, "10.0.0.5 192.0.2.5", 0, 1, NULL, "10.0.0.5", "192.0.2.5" },
	{ NULL, "10.0.0.5  192.0.2.5,fd00::5\t2001:db8::5 ", 0, 2, NULL,
	    "fd00::5", "2001:db8::5" },
	{ "10.0.0.6", "10.0.0.5 192.0.2.5 , 10.0.0.6 192.0.2.6,", 1, 2,
	    "10.0.0.6", "10.0.0.6", "192.0.2.6" },
};

START_TEST(test_reads)
{
	const struct good *c = &good[_i];
	const struct stun_settings settings = {
		.other_address = (char *)(uintptr_t)c->other_address,
		.map = (char *)(uintptr_t)c->map,
	};
	struct stun_addresses addresses;
	char why[SERVICE_WHY] = "";

	ck_assert_msg(
	    stun_settings_read(&addresses, &settings, why) == NULL, "%s", why);
	ck_assert_uint_eq(addresses.named_count, c->named);
	ck_assert_uint_eq(addresses.mapped_count, c->mapped);
	if (c->named > 0)
		unit_assert_address(
		    &addresses.named[c->named - 1], c->last_named, "named");
	if (c->mapped == 0)
		return;
	unit_assert_address(
	    &addresses.inside[c->mapped - 1], c->last_inside, "inside");
	unit_assert_address(
	    &addresses.outside[c->mapped - 1], c->last_outside, "outside");
}
END_TEST

static const struct {
	const char *other_address, *map;
	const char *key, *why;
} bad[] = {
	{ "gate", NULL, "other-address",
	    "has \"gate\", which is no IPv4 or IPv6 address" },
	{ "192.0.2.1:3478", NULL, "other-address",
	    "has \"192.0.2.1:3478\", which is no IPv4 or IPv6 address" },
	{ "127.0.0.1", NULL, "other-address",
	    "has 127.0.0.1, which other hosts cannot reach" },
	{ "fe80::1", NULL, "other-address",
	    "has fe80::1, which other hosts cannot reach" },
	{ "0.0.0.0", NULL, "other-address",
	    "has 0.0.0.0, which other hosts cannot reach" },
	{ "224.0.0.1", NULL, "other-address",
	    "has 224.0.0.1, which other hosts cannot reach" },
	{ "192.0.2.1,192.0.2.1", NULL, "other-address", "has 192.0.2.1 twice" },
	{ "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,10.0.0.6,10.0.0.7,"
	  "10.0.0.8,10.0.0.9,10.0.1.1,10.0.1.2,10.0.1.3,10.0.1.4,10.0.1.5,"
	  "10.0.1.6,10.0.1.7,10.0.1.8",
	    NULL, "other-address", "has more than 16 addresses" },
	{ NULL, "10.0.0.5", "map", "lacks the public address after 10.0.0.5" },
	{ NULL, "10.0.0.5, 192.0.2.5", "map",
	    "lacks the public address after 10.0.0.5" },
	{ NULL, "10.0.0.5 192.0.2.5 10.0.0.6 192.0.2.6", "map",
	    "lacks a comma after 192.0.2.5" },
	{ NULL, "10.0.0.5 2001:db8::5", "map",
	    "has 10.0.0.5 and 2001:db8::5, which are of two families" },
	{ NULL, "10.0.0.5 nowhere", "map",
	    "has \"nowhere\", which is no IPv4 or IPv6 address" },
	{ NULL, "10.0.0.5 192.0.2.5, 10.0.0.5 192.0.2.6", "map",
	    "has 10.0.0.5 twice" },
	{ NULL, "10.0.0.5 192.0.2.5, 10.0.0.6 192.0.2.5", "map",
	    "has 192.0.2.5 twice" },
	{ NULL, "127.0.0.1 192.0.2.5", "map",
	    "has 127.0.0.1, which other hosts cannot reach" },
};

START_TEST(test_refuses)
{
	const struct stun_settings settings = {
		.other_address = (char *)(uintptr_t)bad[_i].other_address,
		.map = (char *)(uintptr_t)bad[_i].map,
	};
	struct stun_addresses addresses;
	char why[SERVICE_WHY] = "";
	const char *key = stun_settings_read(&addresses, &settings, why);

	ck_assert_str_eq(key != NULL ? key : "none", bad[_i].key);
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

/* The port stays; what is not mapped, too. */
START_TEST(test_outside)
{
	static char map[] = "10.0.0.5 192.0.2.5, fd00::5 2001:db8::5";
	const struct stun_settings settings = { .map = map };
	static const char *const cases[][2] = {
		{ "10.0.0.5:3478", "192.0.2.5:3478" },
		{ "10.0.0.6:3478", "10.0.0.6:3478" },
		{ "[fd00::5]:3479", "[2001:db8::5]:3479" },
		{ "192.0.2.5:1", "192.0.2.5:1" },
	};
	struct mh_address endpoint, outside;
	struct stun_addresses addresses;
	char why[SERVICE_WHY];
	size_t i;

	ck_assert_ptr_null(stun_settings_read(&addresses, &settings, why));
	for (i = 0; i < LENGTH(cases); i++) {
		endpoint = unit_address(cases[i][0]);
		outside = stun_settings_outside(&addresses, &endpoint);
		unit_assert_address(&outside, cases[i][1], cases[i][0]);
	}
}
END_TEST

Suite *
stun_settings_suite(void)
{
	Suite *suite = suite_create("stun_settings");
	TCase *tcase = tcase_create("stun_settings");

	tcase_add_loop_test(tcase, test_reads, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_test(tcase, test_outside);
	suite_add_tcase(suite, tcase);
	return suite;
}
