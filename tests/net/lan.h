/* SPDX-License-Identifier: ISC */
/*
 * The host under test and its neighbour.
 *
 *   server                               client (here is the test)
 *   v0  192.0.2.1/24    192.0.2.2/24     v0  192.0.2.100/24
 *       2001:db8:1::1   2001:db8:1::2        2001:db8:1::100
 *       fe80::1                              fe80::100
 *   lo  198.51.100.1/32
 *       2001:db8:2::1/128
 *       203.0.113.0/24 and 2001:db8:ffff::/64 as "local" routes
 */
#ifndef NET_LAN_H
#define NET_LAN_H

#include <stdbool.h>
#include <stddef.h>

struct lan {
	int server;
	int client;
};

/* The server's addresses, by how they are configured. */
struct lan_place {
	const char *name;
	const char *address;
	bool ipv6;
};

/* All except the 2001:db8:ffff:: ones, which need a privileged socket. */
#define LAN_PLACES 8
extern const struct lan_place lan_places[LAN_PLACES];

/* Create it, move the process to the client's side, and check that it works. */
void lan_new(struct lan *lan);

/* Cut the cable on the server's side; plug in another one, all of it anew. */
void lan_cut(const struct lan *lan);
void lan_again(const struct lan *lan);

/*
 * A second cable: v1 on both sides, 198.18.0.1/24 and 2001:db8:3::1/64 for
 * the server, .100 and ::100 for the client.
 */
void lan_second_cable(struct lan *lan);

/*
 * The client is far away, at the addresses below, behind two cables, and sends
 * everything through v0.  The server's default route is v0; what it sends from
 * an address of v1, or from those on lo, leaves through v1.  Both cables have
 * the same link-local addresses.
 */
#define LAN_FAR_IPV4 "198.18.99.9"
#define LAN_FAR_IPV6 "2001:db8:99::9"
void lan_two_uplinks(struct lan *lan);

/*
 * A second cable, and the client asks over either from those far addresses, to
 * which the server has one way: v0.
 */
void lan_one_way_back(struct lan *lan);

/*
 * Another host, to which the server is the router: 203.0.114.1/24 and
 * 2001:db8:9::1/64 on v2, on a cable with this MTU.
 */
void lan_behind(const struct lan *lan, int netns, unsigned int mtu);

#endif
