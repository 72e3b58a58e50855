/* SPDX-License-Identifier: ISC */
/*
 * What mhprobe could not ask is a row, and what this host had no room for is
 * asked later.  And silence that this host's own firewall may have made.
 */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"

static struct probe probe;
static struct lan lan;
static struct server server;

/* A server on this side of the cable. */
static void
start_here(const char *line)
{
	lan_new(&lan);
	server.netns = lan.client;
	server_start(&server, line);
}

/*
 * Addresses of this host.
 */

/* The other side has it already. */
START_TEST(test_duplicate)
{
	start_here("echo=:7007");
	netns_ip(lan.client, "addr add 2001:db8:1::1/64 dev v0\n");
	do
		probe_run(&probe, "-c 1 --local echo 7007");
	while (strstr(probe.output, "tentative") != NULL);
	probe_check(
	    &probe, 3, "[2001:db8:1::1]:7007", "-c 1 --local echo 7007");
	probe_shows(&probe, "not asked: duplicate address detection failed");
	probe_shows(&probe, " ok, 0 WRONG, 0 no answer, 1 error;");
	/* In every form. */
	probe_check(&probe, 3,
	    "\"address\":\"2001:db8:1::1\",\"port\":7007,\"source\":\"error\"",
	    "--json -c 1 --local echo 7007");
	probe_shows(&probe, "\"error\":\"not asked: duplicate address");
	probe_check(&probe, 3,
	    "[2001:db8:1::1]:7007 not asked: duplicate address",
	    "--nagios -c 1 --local echo 7007");
	probe_shows(&probe, "MHPROBE UNKNOWN: ");
	probe_shows(&probe, " errors=1;");
	/* It is not among those that nobody wants. */
	probe_check(&probe, 0, " 0 errors;", "-4 -c 1 --local echo 7007");
	server_stop(&server);
}
END_TEST

START_TEST(test_tentative)
{
	start_here("echo=:7007");
	/* Ten minutes. */
	netns_sysctl(lan.client, "ipv6/conf/v0/dad_transmits", "30000");
	netns_ip(lan.client, "addr add 2001:db8:1::101/64 dev v0\n");
	probe_check(
	    &probe, 3, "not asked: tentative", "-q -c 1 --local echo 7007");
	probe_shows(&probe, "[2001:db8:1::101]:7007");
	probe_shows(&probe, " ok, 0 WRONG, 0 no answer, 1 error;");
	server_stop(&server);
}
END_TEST

/* Without a link, an address that is kept comes to no end of it. */
START_TEST(test_down)
{
	start_here("echo=:7007");
	lan_second_cable(&lan);
	netns_sysctl(lan.client, "ipv6/conf/v1/keep_addr_on_down", "1");
	netns_ip(lan.client,
	    "addr add 2001:db8:3::101/64 dev v1\n"
	    "link set v1 down\n");
	probe_check(&probe, 3, "not asked: ", "-q -c 1 --local echo 7007");
	probe_shows(&probe, "[2001:db8:3::101]:7007");
	server_stop(&server);
}
END_TEST

/*
 * No room.
 */

/* A slow way out holds 20 requests: the other 234 are asked all the same. */
START_TEST(test_full)
{
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--freebind=yes --rate none echo=:7007");
	if (harness_needs(system("tc qdisc add dev v0 root tbf rate 400kbit "
				 "burst 1600 limit 1600") == 0,
		"tc, with tbf in the kernel")) {
		probe_check(&probe, 0, "254 targets: 254 ok",
		    "-c 1 -W 20 echo 203.0.113.0/24:7007");
		probe_check(&probe, 0, "256 targets: 256 ok",
		    "-c 1 -W 20 echo [2001:db8:ffff::/120]:7007");
	}
	server_stop(&server);
}
END_TEST

/*
 * A firewall.
 */

#define RULES                                                                 \
	"nft 'table inet t { chain i { type filter hook input priority 0; %s" \
	"; }; }'"
#define STATEFUL "ct state established accept; udp sport 7007 drop"
#define STATELESS "udp sport 7007 drop"
#define HINT "a firewall of this host may hide an answer from elsewhere"

static const struct {
	const char *rules, *options, *shown;
	bool is_explained;
} firewalls[] = {
	{ STATEFUL, "", "  no answer  ", true },
	{ STATEFUL, "--json", "\"note\":\"" HINT "\"", true },
	{ STATEFUL, "--nagios", "no answer (" HINT ")", true },
	{ STATELESS, "", "  no answer  ", false },
};

START_TEST(test_firewall)
{
	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "discard=:7007");
	netns_shell(lan.client, RULES, firewalls[_i].rules);
	probe_check(&probe, 2, firewalls[_i].shown,
	    "-c 1 -W 0.01 %s echo 192.0.2.1:7007", firewalls[_i].options);
	ck_assert_int_eq(
	    strstr(probe.output, HINT) != NULL, firewalls[_i].is_explained);
	server_stop(&server);
}
END_TEST

static Suite *
unasked_suite(void)
{
	Suite *suite = suite_create("net unasked");
	TCase *local = harness_case(suite, "local");
	TCase *room = harness_case(suite, "room");
	TCase *firewall = harness_case(suite, "firewall");

	tcase_add_test(local, test_duplicate);
	tcase_add_test(local, test_tentative);
	tcase_add_test(local, test_down);
	tcase_add_test(room, test_full);
	tcase_add_loop_test(firewall, test_firewall, 0,
	    sizeof(firewalls) / sizeof(firewalls[0]));
	return suite;
}

int
main(void)
{
	return harness_main(unasked_suite());
}
