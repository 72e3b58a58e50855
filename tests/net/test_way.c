/* SPDX-License-Identifier: ISC */
/*
 * What mhprobe reports about the path to a target: how large a datagram it
 * takes, and which ICMP errors come from it, by kind.
 */
#include "build.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct probe probe;
static struct lan lan;

/*
 * Sizes.
 */

/* The cable's MTU is 1500; if it is smaller on the path, there is ICMP. */
static const struct {
	const char *target;
	unsigned int mtu, fits;
} sizes[] = {
	{ "192.0.2.1:7", 1500, 1500 - 28 },
	{ "[2001:db8:1::1]:7", 1500, 1500 - 48 },
	{ "192.0.2.1:7", 1400, 1400 - 28 },
	{ "198.51.100.1:7", 1500, 1500 - 28 },
};

START_TEST(test_sweep_size)
{
	struct server server = { .netns = -1 };
	char wanted[64];

	lan_new(&lan);
	netns_ip(lan.client, "link set v0 mtu %u\n", sizes[_i].mtu);
	server.netns = lan.server;
	server_start(&server, "echo=:7");
	snprintf(wanted, sizeof(wanted), "%u bytes sent, %u bytes received",
	    sizes[_i].fits, sizes[_i].fits);
	probe_check(&probe, 0, wanted, "-c 2 --sweep-size 1000-2000 echo '%s'",
	    sizes[_i].target);
	probe_check(&probe, 3, "datagram too big", "-c 1 --df -s %u echo '%s'",
	    sizes[_i].fits + 1, sizes[_i].target);
	probe_check(&probe, 0, "1 ok", "-c 1 --df -s %u echo '%s'",
	    sizes[_i].fits, sizes[_i].target);
	server_stop(&server);
}
END_TEST

/* Smaller on the path: a router says so, and the search finds what passes. */
static const struct {
	const char *target;
	unsigned int fits;
} ways[] = {
	{ "203.0.114.1:7", 1300 - 28 },
	{ "[2001:db8:9::1]:7", 1300 - 48 },
};

START_TEST(test_narrow_way)
{
	struct server server = { .netns = -1 };
	char wanted[64];

	lan_new(&lan);
	server.netns = netns_new();
	lan_behind(&lan, server.netns, 1300);
	server_start(&server, "echo=:7");
	probe_check(&probe, 2, "packet too big", "-c 1 --df -s %u echo '%s'",
	    ways[_i].fits + 1, ways[_i].target);
	probe_check(&probe, 0, "1 ok", "-c 1 --df -s %u echo '%s'",
	    ways[_i].fits, ways[_i].target);
	/* The router decremented it, from 191. */
	probe_check(
	    &probe, 0, "\"ttl\":190", "--json -c 1 echo '%s'", ways[_i].target);
	snprintf(wanted, sizeof(wanted), "%u bytes sent, %u bytes received",
	    ways[_i].fits, ways[_i].fits);
	probe_check(&probe, 0, wanted, "-c 2 --sweep-size 1200-1472 echo '%s'",
	    ways[_i].target);
	server_stop(&server);
}
END_TEST

/*
 * ICMP errors.
 */

/* From routers and from the host. */
static const struct {
	const char *route, *target, *shown;
} unreachables[] = {
	{ "", "192.0.2.1:9", "port unreachable" },
	{ "", "[2001:db8:1::1]:9", "port unreachable" },
	{ "route add prohibit 203.0.114.1/32", "203.0.114.1",
	    "admin prohibited" },
	{ "route add unreachable 203.0.114.1/32", "203.0.114.1",
	    "host unreachable" },
	{ "route add throw 203.0.114.1/32", "203.0.114.1",
	    "network unreachable" },
	{ "route add prohibit 2001:db8:9::1/128", "2001:db8:9::1",
	    "admin prohibited" },
	{ "route add unreachable 2001:db8:9::1/128", "2001:db8:9::1",
	    "network unreachable" },
	{ "", "192.0.2.77", "host unreachable" },
};

/*
 * The kind is reported while mhprobe goes on: Linux reports routing errors only
 * once a second, so the first may be for a later request.
 */
static void
check_unreachable(const char *target, const char *shown)
{
	char told[64];

	snprintf(told, sizeof(told), " received 0 %s rtt", shown);
	probe_start(&probe, "--watch -i 0.1 -W 600 echo '%s'", target);
	probe_expect(&probe, told);
	kill(probe.pid, SIGINT);
	probe_ends(
	    &probe, 2, "1 target: 0 ok, 0 WRONG, 1 no answer, 0 errors;");
}

START_TEST(test_unreachable)
{
	lan_new(&lan);
	netns_sysctl(lan.server, "ipv4/ip_forward", "1");
	netns_sysctl(lan.client, "ipv4/neigh/v0/mcast_solicit", "3");
	netns_sysctl(lan.server, "ipv6/conf/all/forwarding", "1");
	netns_ip(lan.client,
	    "route add 203.0.114.0/24 via 192.0.2.1\n"
	    "route add 2001:db8:9::/64 via 2001:db8:1::1\n");
	netns_ip(lan.server, "%s\n", unreachables[_i].route);
	check_unreachable(unreachables[_i].target, unreachables[_i].shown);
}
END_TEST

/* Two routers, each of which has its route through the other. */
START_TEST(test_routing_loop)
{
	int behind = netns_new();

	lan_new(&lan);
	lan_behind(&lan, behind, 1500);
	netns_sysctl(behind, "ipv4/ip_forward", "1");
	netns_sysctl(behind, "ipv6/conf/all/forwarding", "1");
	netns_ip(lan.client,
	    "route add 203.0.115.0/24 via 192.0.2.1\n"
	    "route add 2001:db8:a::/64 via 2001:db8:1::1\n");
	netns_ip(lan.server,
	    "route add 203.0.115.0/24 via 203.0.114.1\n"
	    "route add 2001:db8:a::/64 via 2001:db8:9::1\n");
	check_unreachable("203.0.115.1", "TTL exceeded");
	check_unreachable("2001:db8:a::1", "TTL exceeded");
}
END_TEST

/*
 * What a firewall rejects with; "icmp" or "icmpv6" and the type, as in nft(8).
 */
static const struct {
	const char *type, *target, *shown;
} rejects[] = {
	{ "icmp type admin-prohibited", "192.0.2.1:9", "admin prohibited" },
	{ "icmp type host-prohibited", "192.0.2.1:9", "admin prohibited" },
	{ "icmp type net-prohibited", "192.0.2.1:9", "admin prohibited" },
	{ "icmp type host-unreachable", "192.0.2.1:9", "host unreachable" },
	{ "icmp type net-unreachable", "192.0.2.1:9", "network unreachable" },
	{ "icmp type prot-unreachable", "192.0.2.1:9", "protocol unreachable" },
	{ "icmpv6 type admin-prohibited", "[2001:db8:1::1]:9",
	    "admin prohibited" },
	{ "icmpv6 type policy-fail", "[2001:db8:1::1]:9", "admin prohibited" },
	{ "icmpv6 type addr-unreachable", "[2001:db8:1::1]:9",
	    "host unreachable" },
	{ "icmpv6 type no-route", "[2001:db8:1::1]:9", "network unreachable" },
};

START_TEST(test_reject)
{
	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	netns_shell(lan.server,
	    "nft add table inet t && "
	    "nft add chain inet t c '{ type filter hook input priority 0; }' "
	    "&& nft add rule inet t c udp dport 9 reject with %s",
	    rejects[_i].type);
	check_unreachable(rejects[_i].target, rejects[_i].shown);
}
END_TEST

static Suite *
way_suite(void)
{
	Suite *suite = suite_create("net way");
	TCase *size = harness_case(suite, "size");
	TCase *icmp = harness_case(suite, "icmp");

	tcase_add_loop_test(size, test_sweep_size, 0, COUNT(sizes));
	tcase_add_loop_test(size, test_narrow_way, 0, COUNT(ways));
	tcase_add_loop_test(icmp, test_unreachable, 0, COUNT(unreachables));
	tcase_add_test(icmp, test_routing_loop);
	tcase_add_loop_test(icmp, test_reject, 0, COUNT(rejects));
	return suite;
}

int
main(void)
{
	return harness_main(way_suite());
}
