/* SPDX-License-Identifier: ISC */
/*
 * See lan.h.
 *
 * The two ends of a cable have different interface indexes, although being in
 * different namespaces they could share one: the kernel then takes the
 * interface for one without a lower device, and needs a second to see the link
 * (linkwatch_urgent_event()).
 */
#include "build.h"

#include "lan.h"

#include "client.h"
#include "netns.h"

/* A port that nobody serves. */
#define LAN_CLOSED_PORT 9

const struct lan_place lan_places[LAN_PLACES] = {
	{ "IPv4 primary", "192.0.2.1", false },
	{ "IPv4 secondary in the same subnet", "192.0.2.2", false },
	{ "IPv4 /32 on lo", "198.51.100.1", false },
	{ "IPv4 by a local route", "203.0.113.77", false },
	{ "IPv6 primary", "2001:db8:1::1", true },
	{ "IPv6 secondary", "2001:db8:1::2", true },
	{ "IPv6 /128 on lo", "2001:db8:2::1", true },
	{ "IPv6 link-local", "fe80::1%v0", true },
};

static const char server_side[] = "addr add 192.0.2.1/24 broadcast + dev v0\n"
				  "addr add 192.0.2.2/24 broadcast + dev v0\n"
				  "addr add 2001:db8:1::1/64 dev v0 nodad\n"
				  "addr add 2001:db8:1::2/64 dev v0 nodad\n"
				  "addr add fe80::1/64 dev v0 nodad\n"
				  "link set v0 up\n";

static const char server_lo[] = "addr add 198.51.100.1/32 dev lo\n"
				"addr add 2001:db8:2::1/128 dev lo nodad\n"
				"route add local 203.0.113.0/24 dev lo\n"
				"route add local 2001:db8:ffff::/64 dev lo\n";

static const char client_side[] =
    "addr add 192.0.2.100/24 broadcast + dev v0\n"
    "addr add 2001:db8:1::100/64 dev v0 nodad\n"
    "addr add fe80::100/64 dev v0 nodad\n"
    "route add 198.51.100.0/24 via 192.0.2.1\n"
    "route add 203.0.113.0/24 via 192.0.2.1\n"
    "route add 2001:db8:2::/48 via 2001:db8:1::1\n"
    "route add 2001:db8:ffff::/48 via 2001:db8:1::1\n";

/* A cable between the two, with the same name on both sides. */
static void
lan_cable(const struct lan *lan, const char *name, unsigned int index)
{
	netns_ip(lan->server,
	    "link add %s index %u type veth peer name %s netns %s\n", name,
	    index, name, netns_path(lan->client));
	netns_hurry(lan->server, name);
	netns_hurry(lan->client, name);
	netns_ip(lan->server,
	    "link set %s addrgenmode none\n"
	    "link set %s up\n",
	    name, name);
	netns_ip(lan->client,
	    "link set %s addrgenmode none\n"
	    "link set %s up\n",
	    name, name);
}

/* The cable and all that is on it, for whoever asks from the client's side. */
static void
lan_plug(const struct lan *lan, unsigned int index)
{
	lan_cable(lan, "v0", index);
	netns_ip(lan->server, "%s", server_side);
	netns_ip(lan->client, "%s", client_side);
	netns_enter(lan->client);
	client_expect_refused("192.0.2.1", LAN_CLOSED_PORT);
	client_expect_refused("2001:db8:1::1", LAN_CLOSED_PORT);
	client_expect_way("ff02::1%v0");
}

void
lan_new(struct lan *lan)
{
	lan->server = netns_new();
	lan->client = netns_new();
	netns_ip(lan->server, "%s", server_lo);
	lan_plug(lan, 10);
}

void
lan_cut(const struct lan *lan)
{
	netns_ip(lan->server, "link del v0\n");
}

void
lan_again(const struct lan *lan)
{
	static unsigned int index = 20;

	lan_plug(lan, index++);
}

void
lan_second_cable(struct lan *lan)
{
	lan_cable(lan, "v1", 11);
	netns_ip(lan->server,
	    "addr add 198.18.0.1/24 broadcast + dev v1\n"
	    "addr add 2001:db8:3::1/64 dev v1 nodad\n");
	netns_ip(lan->client,
	    "addr add 198.18.0.100/24 broadcast + dev v1\n"
	    "addr add 2001:db8:3::100/64 dev v1 nodad\n");
	client_expect_refused("198.18.0.1", LAN_CLOSED_PORT);
	client_expect_refused("2001:db8:3::1", LAN_CLOSED_PORT);
	client_expect_way("ff02::1%v1");
}

void
lan_two_uplinks(struct lan *lan)
{
	static const char rules[] =
	    "ip -6 rule add from 2001:db8:3::1 lookup 100 && "
	    "ip -6 rule add from 2001:db8:2::1 lookup 100";

	lan_new(lan);
	lan_second_cable(lan);
	netns_ip(lan->client,
	    "addr add " LAN_FAR_IPV4 "/32 dev lo\n"
	    "addr add " LAN_FAR_IPV6 "/128 dev lo nodad\n"
	    "addr add fe80::100/64 dev v1 nodad\n"
	    "route add 198.18.0.1/32 via 192.0.2.1 dev v0\n"
	    "route add 2001:db8:3::1/128 via 2001:db8:1::1 dev v0\n");
	netns_ip(lan->server,
	    "addr add fe80::1/64 dev v1 nodad\n"
	    "route add default via 192.0.2.100\n"
	    "route add default via 198.18.0.100 table 100\n"
	    "rule add from 198.18.0.1 lookup 100\n"
	    "rule add from 198.51.100.1 lookup 100\n"
	    "route add default via 2001:db8:1::100\n"
	    "route add default via 2001:db8:3::100 table 100\n");
	netns_shell(lan->server, rules);
}

void
lan_one_way_back(struct lan *lan)
{
	lan_new(lan);
	lan_second_cable(lan);
	netns_ip(lan->client,
	    "addr add " LAN_FAR_IPV4 "/32 dev lo\n"
	    "addr add " LAN_FAR_IPV6 "/128 dev lo nodad\n");
	netns_ip(lan->server,
	    "route add " LAN_FAR_IPV4 "/32 via 192.0.2.100\n"
	    "route add " LAN_FAR_IPV6 "/128 via 2001:db8:1::100\n");
}

void
lan_behind(const struct lan *lan, int netns, unsigned int mtu)
{
	netns_ip(lan->server,
	    "link add v2 index 12 mtu %u type veth peer name v2 netns %s\n",
	    mtu, netns_path(netns));
	netns_hurry(lan->server, "v2");
	netns_hurry(netns, "v2");
	netns_sysctl(lan->server, "ipv4/ip_forward", "1");
	netns_sysctl(lan->server, "ipv6/conf/all/forwarding", "1");
	netns_ip(lan->server,
	    "addr add 203.0.114.254/24 dev v2\n"
	    "addr add 2001:db8:9::fe/64 dev v2 nodad\n"
	    "link set v2 up\n");
	netns_ip(netns,
	    "addr add 203.0.114.1/24 dev v2\n"
	    "addr add 2001:db8:9::1/64 dev v2 nodad\n"
	    "link set v2 mtu %u up\n"
	    "route add default via 203.0.114.254\n"
	    "route add ::/0 via 2001:db8:9::fe\n",
	    mtu);
	netns_ip(lan->client,
	    "route add 203.0.114.0/24 via 192.0.2.1\n"
	    "route add 2001:db8:9::/64 via 2001:db8:1::1\n");
	client_expect_refused("203.0.114.1", LAN_CLOSED_PORT);
	client_expect_refused("2001:db8:9::1", LAN_CLOSED_PORT);
}
