/* SPDX-License-Identifier: ISC */
/*
 * The one thing: wherever an address of the host is configured, and however the
 * sockets are opened, the answer comes from the address that was asked.
 */
#include "build.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* -- all places, all ways to open sockets -- */

static const struct {
	const char *options;
	bool ipv4, ipv6;
} stacks[] = {
	{ "", true, true },
	{ "--stack dual", true, true },
	{ "--stack two", true, true },
	{ "--stack ipv4", true, false },
	{ "--stack ipv6", false, true },
	{ "--reply-interface arrival", true, true },
	{ "--stack two --reply-interface arrival", true, true },
	{ "--workers 2", true, true },
	{ "--workers 2 --stack two", true, true },
};

static void
ask_or_be_refused(
    struct client *client, const char *address, unsigned int port, bool served)
{
	if (served)
		client_ask(client, address, port);
	else
		client_expect_refused(address, port);
}

START_TEST(test_places)
{
	struct server server = { .netns = -1 };
	struct client ipv4, ipv6;
	unsigned int port;
	char line[128];
	struct lan lan;
	int i;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s echo=:0", stacks[_i].options);
	server_start(&server, line);
	port = server_port(&server, "echo");
	client_open(&ipv4, "0.0.0.0");
	client_open(&ipv6, "::");
	for (i = 0; i < LAN_PLACES; i++)
		if (lan_places[i].ipv6)
			ask_or_be_refused(&ipv6, lan_places[i].address, port,
			    stacks[_i].ipv6);
		else
			ask_or_be_refused(&ipv4, lan_places[i].address, port,
			    stacks[_i].ipv4);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* -- from the host itself -- */

static const char *const own[] = { "127.0.0.1", "127.0.0.2", "192.0.2.2",
	"198.51.100.1", "203.0.113.5", "::1", "2001:db8:1::2", "2001:db8:2::1",
	"fe80::1%v0" };

START_TEST(test_own_host)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:0");
	netns_enter(lan.server);
	client_open(&client, strchr(own[_i], ':') ? "::" : "0.0.0.0");
	client_ask(&client, own[_i], server_port(&server, "echo"));
	server_stop(&server);
}
END_TEST

/* -- addresses that the system knows only by a route -- */

static const char *const routed[] = {
	"echo=:0",
	"--freebind echo=:0",
	"--source relaxed echo=:0",
	"--unsegmented -w 2 echo=:0",
	"--stack two echo=:0",
};

/* They are ours: each answers from itself, with freebind and without. */
START_TEST(test_routed)
{
	struct server server = { .netns = -1 };
	struct client ipv4, ipv6;
	unsigned int port;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, routed[_i]);
	port = server_port(&server, "echo");
	client_open(&ipv4, "0.0.0.0");
	client_open(&ipv6, "::");
	client_ask(&ipv4, "203.0.113.200", port);
	client_ask(&ipv6, "2001:db8:ffff::1", port);
	client_ask(&ipv6, "2001:db8:ffff::dead:beef", port);
	client_ask(&ipv6, "2001:db8:1::2", port);
	ck_assert_uint_eq(server_counter(&server, "source-gone"), 0);
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* One of them as the only address of a socket. */
START_TEST(test_routed_endpoint)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=[2001:db8:ffff::7]:7007");
	client_open(&client, "::");
	client_ask(&client, "2001:db8:ffff::7", 7007);
	server_stop(&server);
}
END_TEST

/* -- one address only -- */

static const struct {
	const char *endpoint, *address, *other;
} specific[] = {
	{ "192.0.2.1", "192.0.2.1", "192.0.2.2" },
	{ "192.0.2.2", "192.0.2.2", "192.0.2.1" },
	{ "198.51.100.1", "198.51.100.1", "2001:db8:1::1" },
	{ "0.0.0.0", "192.0.2.2", "2001:db8:1::2" },
	{ "0.0.0.0", "203.0.113.9", "2001:db8:1::1" },
	{ "[2001:db8:1::2]", "2001:db8:1::2", "2001:db8:1::1" },
	{ "[2001:db8:2::1]", "2001:db8:2::1", "192.0.2.1" },
	{ "[fe80::1%v0]", "fe80::1%v0", "2001:db8:1::1" },
};

START_TEST(test_specific)
{
	struct server server = { .netns = -1 };
	struct client client;
	unsigned int port;
	char line[128];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "echo=%s:0", specific[_i].endpoint);
	server_start(&server, line);
	ck_assert_uint_eq(server.count, 1);
	port = server_port(&server, "echo");
	client_open(
	    &client, strchr(specific[_i].address, ':') ? "::" : "0.0.0.0");
	client_ask(&client, specific[_i].address, port);
	client_expect_refused(specific[_i].other, port);
	server_stop(&server);
}
END_TEST

/* "[::]" is every address of both families, as ":" is. */
START_TEST(test_wildcard_written_out)
{
	struct server server = { .netns = -1 };
	struct client ipv4, ipv6;
	unsigned int port;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=[::]:0");
	ck_assert_uint_eq(server.count, 1);
	port = server_port(&server, "echo");
	client_open(&ipv4, "0.0.0.0");
	client_open(&ipv6, "::");
	client_ask(&ipv4, "192.0.2.2", port);
	client_ask(&ipv6, "2001:db8:1::2", port);
	server_stop(&server);
}
END_TEST

/* -- two interfaces, one subnet -- */

/*
 * A switch on the client's side; the server has a leg with .1 and one with .3
 * in it.  The neighbour entries say by which leg to reach .3: including the leg
 * that does not have it.
 */
static void
one_leg(const struct lan *lan, int leg)
{
	char name[8];

	snprintf(name, sizeof(name), "v%d", leg);
	netns_ip(lan->server,
	    "link add %s address 02:00:00:00:00:0%d type veth peer name b%d "
	    "netns %s\n"
	    "link set %s addrgenmode none\n",
	    name, leg, leg, netns_path(lan->client), name);
	netns_hurry(lan->server, name);
	netns_ip(lan->server,
	    "addr add 192.0.2.%d/24 dev %s\n"
	    "addr add 2001:db8:1::%d/64 dev %s nodad\n"
	    "link set %s up\n",
	    leg * 2 + 1, name, leg * 2 + 1, name, name);
	netns_ip(lan->client,
	    "link set b%d master br0 addrgenmode none\n"
	    "link set b%d up\n",
	    leg, leg);
}

static void
two_legs(struct lan *lan, int asked_by)
{
	lan->server = netns_new();
	lan->client = netns_new();
	netns_ip(lan->client,
	    "link add br0 type bridge stp_state 0 mcast_snooping 0\n"
	    "link set br0 addrgenmode none\n");
	netns_hurry(lan->client, "br0");
	netns_ip(lan->client,
	    "link set br0 up\n"
	    "addr add 192.0.2.100/24 dev br0\n"
	    "addr add 2001:db8:1::100/64 dev br0 nodad\n");
	one_leg(lan, 0);
	one_leg(lan, 1);
	netns_enter(lan->client);
	client_expect_refused("192.0.2.1", 9);
	client_expect_refused("2001:db8:1::1", 9);
	netns_ip(lan->client,
	    "neigh replace 192.0.2.3 lladdr 02:00:00:00:00:0%d dev br0\n"
	    "neigh replace 2001:db8:1::3 lladdr 02:00:00:00:00:0%d dev br0\n",
	    asked_by, asked_by);
	client_expect_refused("192.0.2.3", 9);
	client_expect_refused("2001:db8:1::3", 9);
}

static const struct {
	const char *options;
	int asked_by;
} legs[] = {
	{ "echo=:0", 1 },
	{ "echo=:0", 0 },
	{ "--reply-interface arrival echo=:0", 1 },
	{ "--reply-interface arrival echo=:0", 0 },
	{ "--stack two echo=:0", 0 },
};

START_TEST(test_two_interfaces_one_subnet)
{
	struct server server = { .netns = -1 };
	struct client ipv4, ipv6;
	unsigned int port;
	struct lan lan;

	two_legs(&lan, legs[_i].asked_by);
	server.netns = lan.server;
	server_start(&server, legs[_i].options);
	port = server_port(&server, "echo");
	client_open(&ipv4, "0.0.0.0");
	client_open(&ipv6, "::");
	client_ask(&ipv4, "192.0.2.1", port);
	client_ask(&ipv4, "192.0.2.3", port);
	client_ask(&ipv6, "2001:db8:1::1", port);
	client_ask(&ipv6, "2001:db8:1::3", port);
	server_stop(&server);
}
END_TEST

/* -- the DSCP of replies -- */

static const struct {
	const char *options, *asked;
	int tos, seen; /* of the request, of the reply */
} dscps[] = {
	{ "", "192.0.2.2", 0xb8, 0 },
	{ "--reply-dscp 46", "192.0.2.2", 0, 0xb8 },
	{ "--reply-dscp 46", "2001:db8:1::2", 0x28, 0xb8 },
	{ "--reply-dscp copy", "192.0.2.2", 0xb8, 0xb8 },
	{ "--reply-dscp copy", "192.0.2.2", 0, 0 },
	{ "--reply-dscp copy", "2001:db8:1::2", 0x29, 0x28 },
	{ "--reply-dscp copy --stack two", "2001:db8:1::2", 0xb8, 0xb8 },
};

START_TEST(test_dscp)
{
	const bool ipv6 = strchr(dscps[_i].asked, ':') != NULL;
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;
	char line[64];

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s echo=:7007", dscps[_i].options);
	server_start(&server, line);
	client_open(&client, ipv6 ? "::" : "0.0.0.0");
	ck_assert_int_eq(setsockopt(client.fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
			     ipv6 ? IPV6_TCLASS : IP_TOS, &dscps[_i].tos,
			     sizeof(dscps[_i].tos)),
	    0);
	client_ask(&client, dscps[_i].asked, 7007);
	ck_assert_int_eq(client.tos, dscps[_i].seen);
	server_stop(&server);
}
END_TEST

/* -- two uplinks -- */

/*
 * IPv6 with the arrival interface is not covered: if a source is given, Linux
 * takes the interface as a hint and routes as it would without
 * (ip6_route_output_flags(): only a bound socket or no source makes it strict).
 */
static const struct {
	const char *options, *asked, *leaves_by;
} uplinks[] = {
	{ "echo=:0", "192.0.2.1", "v0" },
	{ "echo=:0", "198.18.0.1", "v1" },
	{ "echo=:0", "2001:db8:1::1", "v0" },
	{ "echo=:0", "2001:db8:3::1", "v1" },
	{ "--stack two echo=:0", "198.18.0.1", "v1" },
	{ "--stack two echo=:0", "2001:db8:3::1", "v1" },
	{ "--reply-interface route echo=:0", "198.18.0.1", "v1" },
	{ "--reply-interface arrival echo=:0", "198.18.0.1", "v0" },
	{ "--reply-interface arrival echo=:0", "192.0.2.1", "v0" },
};

START_TEST(test_two_uplinks)
{
	const char *asked = uplinks[_i].asked;
	struct server server = { .netns = -1 };
	struct client client;
	char name[IF_NAMESIZE];
	struct lan lan;

	lan_two_uplinks(&lan);
	server.netns = lan.server;
	server_start(&server, uplinks[_i].options);
	client_open(&client, strchr(asked, ':') ? LAN_FAR_IPV6 : LAN_FAR_IPV4);
	client_ask(&client, asked, server_port(&server, "echo"));
	ck_assert_ptr_nonnull(if_indextoname(client.if_index, name));
	ck_assert_str_eq(name, uplinks[_i].leaves_by);
	server_stop(&server);
}
END_TEST

/* -- whoami says the same -- */

/* What whoami is expected to say, among other lines. */
static void __attribute__((format(printf, 2, 3)))
expect_line(const struct client *client, const char *format, ...)
{
	char line[128];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	ck_assert_msg(strstr((const char *)client->data, line) != NULL,
	    "no '%s' in:\n%s", line, (const char *)client->data);
}

static const struct {
	const char *from, *address, *you, *asked;
	const char *family;
} told[] = {
	{ "192.0.2.100", "192.0.2.2", "192.0.2.100:", "192.0.2.2:", "IPv4" },
	{ "192.0.2.100", "198.51.100.1",
	    "192.0.2.100:", "198.51.100.1:", "IPv4" },
	{ "2001:db8:1::100", "2001:db8:1::2",
	    "[2001:db8:1::100]:", "[2001:db8:1::2]:", "IPv6" },
};

/* The request is long, because a stranger gets no more than it sent. */
START_TEST(test_whoami)
{
	struct server server = { .netns = -1 };
	struct client client;
	char request[600];
	unsigned int port;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "whoami=:0");
	port = server_port(&server, "whoami");
	client_open(&client, told[_i].from);
	memset(request, ' ', sizeof(request));
	client_send(&client, told[_i].address, port, request, sizeof(request));
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	ck_assert_str_eq(client.source, told[_i].address);
	client.data[client.length] = '\0';
	expect_line(&client, "you %s%u\n", told[_i].you, client_port(&client));
	expect_line(&client, "asked %s%u\n", told[_i].asked, port);
	expect_line(&client, "family %s\n", told[_i].family);
	expect_line(&client, "via v0\n");
	expect_line(&client, "ttl 64\n");
	expect_line(&client, "length %zu\n", sizeof(request));
	ck_assert_ptr_null(strstr((char *)client.data, "ffff"));
	server_stop(&server);
}
END_TEST

/* Whatever bytes the node's name has, JSON is JSON. */
START_TEST(test_whoami_json)
{
	struct server server = { .netns = -1 };
	struct client client;
	char request[600] = "json";
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server,
	    "--node a\xff"
	    "b whoami=:0");
	client_open(&client, told[0].from);
	client_send(&client, told[0].address, server_port(&server, "whoami"),
	    request, sizeof(request));
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	client.data[client.length] = '\0';
	expect_line(
	    &client, "{\"you\":\"%s%u\",", told[0].you, client_port(&client));
	expect_line(&client, ",\"node\":\"a\\u00ffb\"}\n");
	ck_assert_ptr_null(strchr((char *)client.data, 0xff));
	server_stop(&server);
}
END_TEST

static Suite *
source_suite(void)
{
	Suite *suite = suite_create("net source");
	TCase *tcase = harness_case(suite, "source");

	tcase_add_loop_test(tcase, test_places, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, test_own_host, 0, COUNT(own));
	tcase_add_loop_test(tcase, test_routed, 0, COUNT(routed));
	tcase_add_test(tcase, test_routed_endpoint);
	tcase_add_loop_test(tcase, test_specific, 0, COUNT(specific));
	tcase_add_test(tcase, test_wildcard_written_out);
	tcase_add_loop_test(
	    tcase, test_two_interfaces_one_subnet, 0, COUNT(legs));
	tcase_add_loop_test(tcase, test_dscp, 0, COUNT(dscps));
	tcase_add_loop_test(tcase, test_two_uplinks, 0, COUNT(uplinks));
	tcase_add_loop_test(tcase, test_whoami, 0, COUNT(told));
	tcase_add_test(tcase, test_whoami_json);
	return suite;
}

int
main(void)
{
	return harness_main(source_suite());
}
