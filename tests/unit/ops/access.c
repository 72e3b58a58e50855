/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/access.c: peers and names that may ask, and those that may
 * not: no other site can have one of these names.
 */
#include "daemon/ops/access.h"

#include "unit/fake_host.h"
#include "unit/unit.h"

#include <string.h>

static struct access rules;

static const struct config_prefixes nobody = { .count = 0 };
static struct config_name items[] = { { "metrics.example" },
	{ "Gate.Example" } };
static const struct config_names hosts = { items, 2 };
static const struct config_names no_hosts = { NULL, 0 };

static void
set(const struct config_prefixes *allow, const struct config_names *names,
    const char *node)
{
	const struct access_rules wanted = { allow, names, node };

	ck_assert(access_set(&rules, &wanted));
}

static void
setup(void)
{
	fake_host_reset();
	set(&nobody, &hosts, "gate");
}

static void
teardown(void)
{
	access_clear(&rules);
}

static bool
is_ours(const char *text)
{
	const struct httprequest_span host = { text,
		text != NULL ? strlen(text) : 0 };

	return access_is_our_name(&rules, &host);
}

static const char *const ours[] = { NULL, "localhost", "LOCALHOST:9853",
	"localhost.", "127.0.0.1", "192.0.2.1:80", "192.0.2.1:", "[::1]",
	"[2001:db8::1]:9853", "[fe80::1%25eth0]", "[fe80::1%25eth0]:1",
	"[::ffff:192.0.2.1]", "gate", "GATE:9853", "gate.", "gate.example.:1",
	"gate.example", "fake", "Metrics.Example:1" };

START_TEST(test_ours)
{
	ck_assert_msg(is_ours(ours[_i]), "%s", ours[_i]);
}
END_TEST

static const char *const others[] = { "", ":80", ".", "evil.example",
	"gate.evil.example", "localhost.evil.example", "gat", "gates",
	"gate.example.evil", "192.0.2.1.evil.example", "192.0.2.1a",
	"gate:80:80", "gate:x", "gate:-1", "gate..", "[gate]", "[192.0.2.1]",
	"[::1", "::1]", "[::1]x", "[::1]:x", "[]", "[]:80", "[::1].evil",
	"gate ", "fe80::1", "169.254.1.1%1", "@gate", "metrics.example, gate" };

START_TEST(test_others)
{
	ck_assert_msg(!is_ours(others[_i]), "%s", others[_i]);
}
END_TEST

START_TEST(test_odd)
{
	char text[1024];
	const struct httprequest_span nul = { "gate\0.evil", 10 };
	struct httprequest_span host = { text, sizeof(text) };

	ck_assert(!access_is_our_name(&rules, &nul));
	memset(text, 'a', sizeof(text));
	for (; host.length > 0; host.length--)
		ck_assert(!access_is_our_name(&rules, &host));
	/* They can be removed again; a node that is too long is not a name. */
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	set(&nobody, &no_hosts, text);
	host = (struct httprequest_span){ "gate", 4 };
	ck_assert(!access_is_our_name(&rules, &host));
	host = (struct httprequest_span){ "localhost", 9 };
	ck_assert(access_is_our_name(&rules, &host));
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
	set(&allow, &no_hosts, NULL);
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

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_ours, 0, LENGTH(ours));
	tcase_add_loop_test(tcase, test_others, 0, LENGTH(others));
	tcase_add_test(tcase, test_odd);
	tcase_add_test(tcase, test_peers);
	suite_add_tcase(suite, tcase);
	return suite;
}
