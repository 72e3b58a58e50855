/* SPDX-License-Identifier: ISC */
/*
 * src/probe/target.c: what people write, and what it means.
 */
#include "probe/target.h"

#include "unit/probe/suites.h"

#include <string.h>

struct good_case {
	const char *text;
	const char *first, *last; /* endpoints; "": a name */
	const char *name;
	uint32_t count;
	uint16_t port; /* of a name */
	bool interface;
};

static const struct good_case good[] = {
	{ "192.0.2.1", "192.0.2.1", "192.0.2.1", "", 1, 0, false },
	{ "192.0.2.1:7", "192.0.2.1:7", "192.0.2.1:7", "", 1, 0, false },
	{ "192.0.2.1:65535", "192.0.2.1:65535", "192.0.2.1:65535", "", 1, 0,
	    false },
	{ "2001:db8::1", "2001:db8::1", "2001:db8::1", "", 1, 0, false },
	{ "::1", "::1", "::1", "", 1, 0, false },
	{ "[2001:db8::1]", "2001:db8::1", "2001:db8::1", "", 1, 0, false },
	{ "[2001:db8::1]:7", "[2001:db8::1]:7", "[2001:db8::1]:7", "", 1, 0,
	    false },
	{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1", "", 1, 0, false },
	{ "fe80::1%lo", "fe80::1%lo", "fe80::1%lo", "", 1, 0, true },
	{ "[fe80::1%lo]:7", "[fe80::1%lo]:7", "[fe80::1%lo]:7", "", 1, 0,
	    true },
	{ "192.0.2.1%lo", "192.0.2.1", "192.0.2.1", "", 1, 0, true },
	{ "192.0.2.1%1:7", "192.0.2.1:7", "192.0.2.1:7", "", 1, 0, true },
	{ "2001:db8::1%lo", "2001:db8::1", "2001:db8::1", "", 1, 0, true },
	/* Prefixes. */
	{ "192.0.2.0/24", "192.0.2.1", "192.0.2.254", "", 254, 0, false },
	{ "192.0.2.77/24:7", "192.0.2.1:7", "192.0.2.254:7", "", 254, 0,
	    false },
	{ "192.0.2.8/30", "192.0.2.9", "192.0.2.10", "", 2, 0, false },
	{ "192.0.2.8/31", "192.0.2.8", "192.0.2.9", "", 2, 0, false },
	{ "192.0.2.8/32", "192.0.2.8", "192.0.2.8", "", 1, 0, false },
	{ "10.1.0.0/16", "10.1.0.1", "10.1.255.254", "", 65534, 0, false },
	{ "2001:db8::/120", "2001:db8::", "2001:db8::ff", "", 256, 0, false },
	{ "[2001:db8::77/120]:7", "[2001:db8::]:7", "[2001:db8::ff]:7", "", 256,
	    0, false },
	{ "2001:db8::/112", "2001:db8::", "2001:db8::ffff", "", 65536, 0,
	    false },
	{ "2001:db8::5/128", "2001:db8::5", "2001:db8::5", "", 1, 0, false },
	/* Names. */
	{ "example.net", "", "", "example.net", 1, 0, false },
	{ "example.net:7", "", "", "example.net", 1, 7, false },
	{ "localhost", "", "", "localhost", 1, 0, false },
	{ "x", "", "", "x", 1, 0, false },
	{ "2a", "", "", "2a", 1, 0, false },
};

START_TEST(test_good)
{
	const struct good_case *session = &good[_i];
	struct target target;
	char why[TARGET_WHY] = "";
	struct mh_address address;

	ck_assert_msg(target_parse(&target, session->text, why), "%s: %s",
	    session->text, why);
	ck_assert_str_eq(target.name, session->name);
	ck_assert_uint_eq(target.count, session->count);
	ck_assert_int_eq(target.if_index != 0, session->interface);
	if (session->name[0] != '\0') {
		ck_assert_uint_eq(target.address.family, MH_FAMILY_NONE);
		ck_assert_uint_eq(target.address.port, session->port);
		return;
	}
	address = target_address(&target, 0);
	unit_assert_address(&address, session->first, session->text);
	address = target_address(&target, session->count - 1);
	unit_assert_address(&address, session->last, session->text);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "cannot be read" },
	{ ":7", "cannot be read" },
	{ "[]:7", "cannot be read" },
	{ "[2001:db8::1", "cannot be read" },
	{ "[2001:db8::1]7", "cannot be read" },
	{ "192.0.2.1:", "port" },
	{ "192.0.2.1:0", "port" },
	{ "192.0.2.1:65536", "port" },
	{ "192.0.2.1:7x", "port" },
	{ "192.0.2.1:+7", "port" },
	{ "192.0.2", "a target is" },
	{ "192.0.2.256", "a target is" },
	{ "2001:db8::1::", "a target is" },
	{ "2001:db8:::7", "a target is" },
	{ "[example.net]:7", "a target is" },
	{ "example.net/24", "a target is" },
	{ "example.net%lo", "a target is" },
	{ "fe80::1%no-such", "no such interface" },
	{ "fe80::1",
	    "fe80::1: a link-local address needs its interface, as in "
	    "fe80::1%eth0" },
	{ "[fe80::1]:9", "needs its interface, as in [fe80::1%eth0]:7" },
	{ "febf::/120", "needs its interface, as in febf::%eth0" },
	{ "192.0.2.1%no-such", "no such interface" },
	{ "192.0.2.0/33", "length of a prefix" },
	{ "192.0.2.0/", "length of a prefix" },
	{ "192.0.2.0/-1", "length of a prefix" },
	{ "2001:db8::/129", "length of a prefix" },
	{ "10.0.0.0/15", "more than 65536 addresses; /16 is the largest" },
	{ "2001:db8::/64", "more than 65536 addresses; /112 is the largest" },
	{ "0.0.0.0", "no answer can come" },
	{ "0.1.2.3", "no answer can come from 0.1.2.3" },
	{ "::ffff:0.1.2.3", "no answer can come from 0.1.2.3" },
	{ "0.0.1.0/24", "no answer can come from 0.0.1.0" },
	{ "::", "no answer can come" },
	{ "224.0.0.1", "no answer can come" },
	{ "ff02::1", "no answer can come" },
	{ "255.255.255.255", "no answer can come" },
	{ "255.255.255.254/31", "no answer can come from 255.255.255.255" },
	{ "::1/127", "no answer can come from ::" },
};

START_TEST(test_bad)
{
	struct target target;
	char why[TARGET_WHY] = "";

	ck_assert_msg(!target_parse(&target, bad[_i].text, why),
	    "\"%s\" is read", bad[_i].text);
	ck_assert_msg(
	    strstr(why, bad[_i].why) != NULL, "\"%s\": %s", bad[_i].text, why);
}
END_TEST

/* Longer than any name: refused, and nothing overflows. */
START_TEST(test_long)
{
	static const size_t lengths[] = { 255, 256, 299, 300, 5000 };
	struct target target;
	char why[TARGET_WHY], text[5001];

	memset(text, 'a', lengths[_i]);
	text[lengths[_i]] = '\0';
	ck_assert_int_eq(target_parse(&target, text, why), lengths[_i] < 256);
}
END_TEST

Suite *
probe_target_suite(void)
{
	Suite *suite = suite_create("probe target");
	TCase *tcase = tcase_create("target");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_loop_test(tcase, test_long, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
