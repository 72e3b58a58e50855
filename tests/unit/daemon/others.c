/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/others.c: what is said of the other addresses, also for the wrong
 * source of faults.c, and that nothing is said twice.  Over the fake system.
 */
#include "daemon/others.h"

#include "unit/daemon/scene.h"
#include "unit/scratch.h"

#include <stdlib.h>
#include <string.h>

static struct others others;

static struct localnet *
make_localnet(const char *const *text)
{
	struct host_network network = { .addresses = calloc(
					    8, sizeof(*network.addresses)) };
	struct localnet *localnet;

	ck_assert_ptr_nonnull(network.addresses);
	for (; *text != NULL; text++)
		network.addresses[network.address_count++].address =
		    unit_address(*text);
	localnet = localnet_new(&network);
	ck_assert_ptr_nonnull(localnet);
	return localnet;
}

static const struct others_case {
	const char *line; /* of the command */
	const char *addresses[6];
	const char *says[4];
} cases[] = {
	{ "echo=:7", { "192.0.2.1", "192.0.2.2" }, { NULL } },
	{ "stun=:3478", { "192.0.2.1", "192.0.2.2", "192.0.2.3" },
	    { "stun: other IPv4 address: 192.0.2.1, and 192.0.2.2 for requests "
	      "to the former\n",
		"stun: no other IPv6 address: this host has none that other "
		"hosts can reach\n" } },
	{ "stun=:3478", { "192.0.2.1", "10.0.0.1", "10.0.0.2", "2001:db8::1" },
	    { "stun: other private IPv4 address: 10.0.0.1, and 10.0.0.2 for "
	      "requests to the former\n",
		"stun: no other IPv4 address: 192.0.2.1 is the only one that "
		"other hosts can reach\n",
		"stun: no other IPv6 address: 2001:db8::1 is the only one that "
		"other hosts can reach\n" } },
	{ "--stack=ipv4 stun=:3478", { "10.0.0.1" },
	    { "stun: no other IPv4 address: 10.0.0.1 is the only one that "
	      "other hosts can reach\n" } },
	{ "--stack=ipv4 --serve=10.0.0.0/8 stun=:3478",
	    { "10.0.0.1", "192.0.2.1" },
	    { "stun: no other IPv4 address: 10.0.0.1 is the only one in serve "
	      "that other hosts can reach\n" } },
	{ "--stack=ipv4 --serve=10.0.0.0/8 stun=:3478", { "192.0.2.1" },
	    { "stun: no other IPv4 address: this host has none in serve that "
	      "other hosts can reach\n" } },
	{ "stun=127.0.0.1:65535", { "127.0.0.1" },
	    { "stun: no other IPv4 address: 127.0.0.1 is the only one that it "
	      "listens on\n",
		"stun: no other port: an endpoint has other-port itself, or "
		"the "
		"highest port\n" } },
	{ "--stun-other-port=3478 stun=[::1]:3478", { "::1" },
	    { "stun: no other IPv6 address: ::1 is the only one that it "
	      "listens on\n",
		"stun: no other port: an endpoint has other-port itself, or "
		"the "
		"highest port\n" } },
	{ "stun=127.0.0.1:3478,127.0.0.2:3478", { "127.0.0.1" },
	    { "stun: other private IPv4 address: 127.0.0.1, and 127.0.0.2 for "
	      "requests to the former\n" } },
	{ "stun=127.0.0.1:3478,192.0.2.1:3478", { "127.0.0.1", "192.0.2.1" },
	    { "stun: no other IPv4 address: 192.0.2.1 is the only one that it "
	      "listens on\n" } },
	{ "stun=[fe80::1%lo]:3478", { "::1" },
	    { "stun: no other IPv6 address: the service has none that other "
	      "hosts can reach\n" } },
	{ "stun=192.0.2.1:3478,192.0.2.2:3478",
	    { "192.0.2.3", "192.0.2.1", "192.0.2.2" },
	    { "stun: other IPv4 address: 192.0.2.1, and 192.0.2.2 for requests "
	      "to the former\n" } },
	{ "stun=192.0.2.1:3478", { "192.0.2.1", "192.0.2.2" },
	    { "stun: no other IPv4 address: 192.0.2.1 is the only one that it "
	      "listens on\n" } },
	{ "stun=192.0.2.1:3478,192.0.2.2:3478", { "192.0.2.3" },
	    { "stun: no other IPv4 address: the service has none that other "
	      "hosts can reach\n" } },
	{ "--stack=ipv4 --stun-other-address=192.0.2.3 stun=:3478",
	    { "192.0.2.1", "192.0.2.2", "192.0.2.3" },
	    { "stun: other IPv4 address: 192.0.2.3, and 192.0.2.1 for requests "
	      "to the former\n" } },
	{ "--stack=ipv4 --stun-other-address=192.0.2.3 stun=:3478",
	    { "192.0.2.1", "192.0.2.2" },
	    { "stun: no other IPv4 address: this host has none of "
	      "other-address\n" } },
	{ "--stack=ipv4 --stun-other-address=192.0.2.3 stun=:3478",
	    { "192.0.2.3" },
	    { "stun: no other IPv4 address: 192.0.2.3 is the only one that "
	      "other hosts can reach\n" } },
	{ "--fault-source=10% echo=:7",
	    { "127.0.0.1", "::1", "192.0.2.1", "192.0.2.2", "2001:db8::1" },
	    { "echo: fault-source is not possible for requests to 2001:db8::1: "
	      "this host has no second IPv6 address to answer from\n" } },
	{ "--fault-source=10% echo=192.0.2.1:7", { "192.0.2.1", "2001:db8::1" },
	    { "echo: fault-source is not possible for requests to 192.0.2.1: "
	      "this host has no second IPv4 address to answer from\n" } },
	{ "--fault-drop=10% echo=:7", { "192.0.2.1" }, { NULL } },
};

static struct plan *plan;
static struct bindings bindings;

static void
follow(const char *const *addresses)
{
	struct localnet *localnet = make_localnet(addresses);

	others_follow(&others, plan, &bindings, localnet);
	localnet_release(localnet);
}

static void
begin(const char *line)
{
	const struct bindings none = { .items = NULL };

	others = (struct others){ .logged = NULL };
	plan = scene_plan(line);
	bindings = scene_bindings(plan);
	ck_assert_int_eq(bindings_open(&bindings, plan, &none), 0);
	scratch_log();
}

static void
end(void)
{
	others_clear(&others);
	bindings_clear(&bindings);
	plan_free(plan);
}

static unsigned int
count_lines(const char *text)
{
	unsigned int count = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		count++;
		text++;
	}
	return count;
}

START_TEST(test_says)
{
	const struct others_case *c = &cases[_i];
	unsigned int i;
	const char *log;

	begin(c->line);
	follow(c->addresses);
	log = scratch_log();
	for (i = 0; i < 4 && c->says[i] != NULL; i++)
		ck_assert_msg(
		    strstr(log, c->says[i]) != NULL, "%s: %s", c->line, log);
	ck_assert_msg(count_lines(log) == i, "%s: %s", c->line, log);
	end();
}
END_TEST

/* At first, and what is new. */
START_TEST(test_says_it_once)
{
	static const char *const two[] = { "192.0.2.1", "192.0.2.2",
		"2001:db8::1", NULL };
	static const char *const one[] = { "192.0.2.1", "2001:db8::1", NULL };
	static const char *const none[] = { NULL };

	begin("stun=:3478");
	follow(two);
	ck_assert_uint_eq(count_lines(scratch_log()), 2);
	follow(two);
	ck_assert_str_eq(scratch_log(), "");
	follow(one);
	ck_assert_ptr_nonnull(strstr(scratch_log(),
	    "stun: no other IPv4 address: 192.0.2.1 is the only one"));
	follow(two);
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "stun: other IPv4 address: 192.0.2.1, and"));
	follow(none);
	ck_assert_uint_eq(count_lines(scratch_log()), 2);
	end();
}
END_TEST

Suite *
others_suite(void)
{
	Suite *suite = suite_create("others");
	TCase *tcase = scene_tcase("others");

	tcase_add_loop_test(tcase, test_says, 0, LENGTH(cases));
	tcase_add_test(tcase, test_says_it_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
