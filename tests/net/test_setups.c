/* SPDX-License-Identifier: ISC */
/*
 * Ways to set up a network that change how a reply finds its way: in each, it
 * comes from the address that was asked, by the way that this setup wants.
 * README.md lists these and those of the other tests.
 */
#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct lan lan;
static struct server server;
static struct client client;

/* The ways to open sockets and to address replies. */
static const char *const stacks[] = { "", "--stack two",
	"--reply-interface arrival", "--workers 2" };

static void
start(const char *options)
{
	char line[80];

	snprintf(line, sizeof(line), "%s --rate none echo=:7", options);
	server = (struct server){ .netns = lan.server };
	server_start(&server, line);
}

static void
ask_from(const char *from, const char *address, unsigned int port)
{
	client_open(&client, from);
	client_ask(&client, address, port);
	client_close(&client);
}

static void
ask(const char *address, unsigned int port)
{
	ask_from(
	    strchr(address, ':') != NULL ? "::" : "0.0.0.0", address, port);
}

/*
 * Settings of the system that change what an address of this host is, who may
 * bind to it, and which datagrams are taken.
 */

static const struct {
	const char *key, *value, *options;
} settings[] = {
	{ "ipv4/ip_nonlocal_bind", "1", "" },
	{ "ipv6/ip_nonlocal_bind", "1", "" },
	{ "ipv6/ip_nonlocal_bind", "1", "--stack two" },
	{ "ipv6/bindv6only", "1", "" },
	{ "ipv6/bindv6only", "1", "--stack two" },
	{ "ipv4/conf/all/rp_filter", "1", "" },
	{ "ipv4/conf/all/rp_filter", "2", "--reply-interface arrival" },
	{ "ipv4/ip_forward", "1", "" },
	{ "ipv6/conf/all/forwarding", "1", "" },
	{ "ipv4/conf/all/arp_ignore", "2", "" },
	{ "ipv4/conf/all/arp_announce", "2", "" },
	{ "ipv4/conf/all/route_localnet", "1", "" },
	{ "ipv4/conf/all/accept_local", "1", "" },
	{ "ipv4/ip_early_demux", "0", "" },
	{ "ipv4/ip_no_pmtu_disc", "1", "" },
	{ "ipv6/conf/all/use_tempaddr", "2", "" },
	{ "ipv6/auto_flowlabels", "2", "" },
};

START_TEST(test_settings)
{
	int i;

	lan_new(&lan);
	netns_sysctl(lan.server, settings[_i].key, settings[_i].value);
	start(settings[_i].options);
	for (i = 0; i < LAN_PLACES; i++)
		ask(lan_places[i].address, 7);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

/* Loopback is down, as in a new namespace: others are served. */
START_TEST(test_lo_down)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.2",
		"2001:db8:1::1", "2001:db8:1::2", "fe80::1%v0" };
	int i;

	lan_new(&lan);
	netns_ip(lan.server, "link set lo down\n");
	start(stacks[_i]);
	for (i = 0; i < COUNT(addresses); i++)
		ask(addresses[i], 7);
	server_stop(&server);
}
END_TEST

/* Another host on a cable of the server's, v9, with an address each. */
static int
second_host(const char *ours, const char *theirs)
{
	int other = netns_new();

	netns_ip(lan.server,
	    "link add v9 index 21 type veth peer name v9 netns %s\n",
	    netns_path(other));
	netns_hurry(lan.server, "v9");
	netns_hurry(other, "v9");
	netns_ip(lan.server, "addr add %s dev v9\nlink set v9 up\n", ours);
	netns_ip(other, "addr add %s dev v9\nlink set v9 up\n", theirs);
	return other;
}

/*
 * IPv4 link-local addresses on two links, each with a host of the same address.
 */

START_TEST(test_link_local)
{
	int other;

	lan_new(&lan);
	netns_ip(lan.server, "addr add 169.254.1.1/16 dev v0\n");
	netns_ip(lan.client, "addr add 169.254.9.9/16 dev v0\n");
	other = second_host("169.254.2.1/16", "169.254.9.9/16");
	start(stacks[_i]);
	ask_from("169.254.9.9", "169.254.1.1", 7);
	netns_enter(other);
	ask_from("169.254.9.9", "169.254.2.1", 7);
	netns_enter(lan.client);
	ask_from("169.254.9.9", "169.254.1.1", 7);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

/* This host itself is a peer that no link leads to. */
static const struct {
	const char *from, *to;
} own[] = {
	{ "169.254.1.1", "169.254.1.1" },
	{ "169.254.1.1", "169.254.2.1" },
	{ "169.254.2.1", "169.254.1.1" },
	{ "169.254.2.1", "192.0.2.1" },
	{ "192.0.2.1", "169.254.2.1" },
};

START_TEST(test_link_local_own)
{
	lan_new(&lan);
	netns_ip(lan.server, "addr add 169.254.1.1/16 dev v0\n");
	second_host("169.254.2.1/16", "169.254.9.9/16");
	start("");
	netns_enter(lan.server);
	ask_from(own[_i].from, own[_i].to, 7);
	server_stop(&server);
}
END_TEST

/*
 * Networks of two addresses, neither of which is a broadcast (RFC 3021), nor
 * the anycast address of routers (RFC 6164).
 */

static const struct {
	const char *ours, *theirs;
	unsigned int bits;
} pairs[] = {
	{ "198.18.7.0", "198.18.7.1", 31 },
	{ "198.18.7.1", "198.18.7.0", 31 },
	{ "198.18.7.255", "198.18.7.254", 31 },
	{ "2001:db8:7::2", "2001:db8:7::3", 127 },
	{ "2001:db8:7::3", "2001:db8:7::2", 127 },
};

START_TEST(test_pair)
{
	const char *nodad = pairs[_i].bits == 127 ? " nodad" : "";
	char ours[80], theirs[80];

	lan_new(&lan);
	snprintf(ours, sizeof(ours), "%s/%u%s", pairs[_i].ours, pairs[_i].bits,
	    nodad);
	snprintf(theirs, sizeof(theirs), "%s/%u%s", pairs[_i].theirs,
	    pairs[_i].bits, nodad);
	netns_enter(second_host(ours, theirs));
	client_expect_refused(pairs[_i].ours, 9);
	start("");
	ask_from(pairs[_i].theirs, pairs[_i].ours, 7);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

/*
 * Two interfaces on one cable and in one network, each of which answers ARP for
 * the other (arp_ignore is 0).
 */

static const char *const macvlans[] = { "198.18.7.1", "198.18.7.2",
	"2001:db8:7::1", "2001:db8:7::2" };

START_TEST(test_macvlan)
{
	int i;

	lan_new(&lan);
	netns_ip(lan.server,
	    "link add m1 link v0 type macvlan mode bridge\n"
	    "link add m2 link v0 type macvlan mode bridge\n");
	netns_hurry(lan.server, "m1");
	netns_hurry(lan.server, "m2");
	netns_ip(lan.server,
	    "addr add 198.18.7.1/24 dev m1\n"
	    "addr add 2001:db8:7::1/64 dev m1 nodad\n"
	    "addr add 198.18.7.2/24 dev m2\n"
	    "addr add 2001:db8:7::2/64 dev m2 nodad\n"
	    "link set m1 up\n"
	    "link set m2 up\n");
	netns_ip(lan.client,
	    "addr add 198.18.7.100/24 dev v0\n"
	    "addr add 2001:db8:7::100/64 dev v0 nodad\n");
	for (i = 0; i < COUNT(macvlans); i++)
		client_expect_refused(macvlans[i], 9);
	start(stacks[_i]);
	for (i = 0; i < COUNT(macvlans); i++)
		ask(macvlans[i], 7);
	server_stop(&server);
}
END_TEST

/*
 * The asked address is no longer that of the datagram when it arrives.
 */

static const char translations[] =
    "table ip t {\n"
    "chain c {\n"
    "type nat hook prerouting priority -100\n"
    "ip daddr 198.51.100.1 udp dport 53 dnat to 192.0.2.2:7\n"
    "ip daddr 192.0.2.1 udp dport 53 redirect to :7\n"
    "}\n"
    "}\n"
    "table ip6 t {\n"
    "chain c {\n"
    "type nat hook prerouting priority -100\n"
    "ip6 daddr 2001:db8:2::1 udp dport 53 dnat to [2001:db8:1::2]:7\n"
    "ip6 daddr 2001:db8:1::1 udp dport 53 redirect to :7\n"
    "}\n"
    "}\n";

static const char *const translated[] = { "198.51.100.1", "192.0.2.1",
	"2001:db8:2::1", "2001:db8:1::1" };

START_TEST(test_dnat)
{
	int i;

	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	netns_shell(lan.server, "echo '%s' | nft -f -", translations);
	start(stacks[_i]);
	for (i = 0; i < COUNT(translated); i++)
		ask(translated[i], 53);
	server_stop(&server);
}
END_TEST

/* By a router in front of us. */
static const char forwards[] = "table ip t {\n"
			       "chain c {\n"
			       "type nat hook prerouting priority -100\n"
			       "udp dport 53 dnat to 203.0.114.1:7\n"
			       "}\n"
			       "}\n"
			       "table ip6 t {\n"
			       "chain c {\n"
			       "type nat hook prerouting priority -100\n"
			       "udp dport 53 dnat to [2001:db8:9::1]:7\n"
			       "}\n"
			       "}\n";

START_TEST(test_dnat_router)
{
	int behind;

	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	behind = netns_new();
	lan_behind(&lan, behind, 1500);
	netns_shell(lan.server, "echo '%s' | nft -f -", forwards);
	lan.server = behind;
	start("");
	ask("192.0.2.1", 53);
	ask("192.0.2.2", 53);
	ask("2001:db8:1::1", 53);
	ask("2001:db8:1::2", 53);
	server_stop(&server);
}
END_TEST

/*
 * Two uplinks, and a reply takes the one that its request came by, says the
 * mark of its connection.  The client is beyond both, and asks what is on lo by
 * the second.
 */

static void
uplinks_new(void)
{
	lan_new(&lan);
	lan_second_cable(&lan);
	netns_ip(lan.client,
	    "addr add 203.0.115.9/32 dev lo\n"
	    "addr add 2001:db8:a::9/128 dev lo nodad\n"
	    "route add 198.51.100.1/32 via 198.18.0.1\n"
	    "route add 2001:db8:2::1/128 via 2001:db8:3::1\n");
	netns_ip(lan.server,
	    "route add 0.0.0.0/0 via 192.0.2.100\n"
	    "route add 0.0.0.0/0 via 198.18.0.100 table 100\n"
	    "rule add fwmark 1 table 100\n"
	    "route add ::/0 via 2001:db8:1::100\n"
	    "route add ::/0 via 2001:db8:3::100 table 100\n");
	netns_shell(lan.server, "ip -6 rule add fwmark 1 table 100");
}

static const char marks[] = "table inet t {\n"
			    "chain i {\n"
			    "type filter hook prerouting priority -150\n"
			    "iifname v1 ct mark set 1\n"
			    "}\n"
			    "chain o {\n"
			    "type route hook output priority -150\n"
			    "meta mark set ct mark\n"
			    "}\n"
			    "}\n";

static const struct {
	const char *from, *to, *interface;
} marked[] = {
	{ "203.0.115.9", "192.0.2.1", "v0" },
	{ "203.0.115.9", "198.18.0.1", "v1" },
	{ "203.0.115.9", "198.51.100.1", "v1" },
	{ "2001:db8:a::9", "2001:db8:1::1", "v0" },
	{ "2001:db8:a::9", "2001:db8:3::1", "v1" },
	{ "2001:db8:a::9", "2001:db8:2::1", "v1" },
};

START_TEST(test_connmark)
{
	int i;

	if (!harness_needs_tool("nft"))
		return;
	uplinks_new();
	netns_shell(lan.server, "echo '%s' | nft -f -", marks);
	start(stacks[_i]);
	for (i = 0; i < COUNT(marked); i++) {
		ask_from(marked[i].from, marked[i].to, 7);
		ck_assert_msg(
		    client.if_index == if_nametoindex(marked[i].interface),
		    "%s: by interface %u", marked[i].to, client.if_index);
	}
	server_stop(&server);
}
END_TEST

/*
 * A tunnel, t0: no link layer and no neighbours.
 */

#define TUNNELS "/dev/net/tun"

static int
tunnel_end(int netns)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	netns_enter(netns);
	fd = open(TUNNELS, O_RDWR | O_CLOEXEC);
	strcpy(request.ifr_name, "t0");
	ck_assert_msg(fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0,
	    "tunnel: %s", strerror(errno));
	return fd;
}

/*
 * What goes in at one end comes out at the other, or is lost while that is not
 * up.  Ends with the test.
 */
static void
tunnel_run(int one, int other)
{
	struct pollfd ends[2] = { { .fd = one, .events = POLLIN },
		{ .fd = other, .events = POLLIN } };
	char packet[2000];
	ssize_t n;
	int i;

	for (;;) {
		ck_assert_int_ge(poll(ends, 2, -1), 0);
		for (i = 0; i < 2; i++) {
			if ((ends[i].revents & POLLIN) == 0)
				continue;
			n = read(ends[i].fd, packet, sizeof(packet));
			if (n > 0)
				(void)!write(ends[1 - i].fd, packet, (size_t)n);
		}
	}
}

static void
tunnel_new(void)
{
	int ours = tunnel_end(lan.server), theirs = tunnel_end(lan.client);
	pid_t test = getpid(), child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == test)
			tunnel_run(ours, theirs);
		_exit(1);
	}
	close(ours);
	close(theirs);
	netns_ip(lan.server,
	    "addr add 198.18.8.1/24 dev t0\n"
	    "addr add 198.18.8.2/24 dev t0\n"
	    "addr add 169.254.8.1/16 dev t0\n"
	    "addr add 2001:db8:8::1/64 dev t0 nodad\n"
	    "addr add 2001:db8:8::2/64 dev t0 nodad\n"
	    "link set t0 up\n"
	    "route add 0.0.0.0/0 dev t0\n"
	    "route add ::/0 dev t0\n");
	netns_ip(lan.client,
	    "addr add 198.18.8.100/24 dev t0\n"
	    "addr add 169.254.9.9/16 dev t0\n"
	    "addr add 203.0.115.9/32 dev lo\n"
	    "addr add 2001:db8:8::100/64 dev t0 nodad\n"
	    "addr add 2001:db8:a::9/128 dev lo nodad\n"
	    "link set t0 up\n"
	    "route add 198.51.100.1/32 dev t0\n"
	    "route add 2001:db8:2::1/128 dev t0\n");
}

static const struct {
	const char *from, *to;
} tunnelled[] = {
	{ "0.0.0.0", "198.18.8.1" },
	{ "0.0.0.0", "198.18.8.2" },
	{ "203.0.115.9", "198.18.8.2" },
	{ "203.0.115.9", "198.51.100.1" },
	{ "169.254.9.9", "169.254.8.1" },
	{ "::", "2001:db8:8::1" },
	{ "::", "2001:db8:8::2" },
	{ "2001:db8:a::9", "2001:db8:8::2" },
	{ "2001:db8:a::9", "2001:db8:2::1" },
};

START_TEST(test_tunnel)
{
	int i;

	if (!harness_needs(
		access(TUNNELS, R_OK | W_OK) == 0, TUNNELS " for tunnels"))
		return;
	lan_new(&lan);
	tunnel_new();
	start(stacks[_i]);
	for (i = 0; i < COUNT(tunnelled); i++)
		ask_from(tunnelled[i].from, tunnelled[i].to, 7);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

static Suite *
setups_suite(void)
{
	Suite *suite = suite_create("net setups");
	TCase *tcase = harness_case(suite, "settings");

	tcase_add_loop_test(tcase, test_settings, 0, COUNT(settings));
	tcase_add_loop_test(tcase, test_lo_down, 0, COUNT(stacks));
	tcase = harness_case(suite, "links");
	tcase_add_loop_test(tcase, test_link_local, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, test_link_local_own, 0, COUNT(own));
	tcase_add_loop_test(tcase, test_pair, 0, COUNT(pairs));
	tcase_add_loop_test(tcase, test_macvlan, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, test_tunnel, 0, COUNT(stacks));
	tcase = harness_case(suite, "firewall");
	tcase_add_loop_test(tcase, test_dnat, 0, COUNT(stacks));
	tcase_add_test(tcase, test_dnat_router);
	tcase_add_loop_test(tcase, test_connmark, 0, COUNT(stacks));
	return suite;
}

int
main(void)
{
	return harness_main(setups_suite());
}
