/* SPDX-License-Identifier: ISC */
/*
 * Requests in the name of hosts that do not exist, on a network of the
 * server's: its replies wait in the kernel for a neighbour that never answers.
 * Hosts that do exist are answered all the same.
 */
#include "build.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "packet.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* -- the flood -- */

/*
 * A lot is what a receive buffer holds, even with the largest payloads; then it
 * is the honest clients' turn.
 */
#define LOTS 75
#define LOT 40

static const struct flood {
	const char *line;
	unsigned int length;
	bool ipv6;
	/* The server's route to OTHER or OTHER_IPV6, from where it comes then:
	 * "dev ...", or "via ..." a router that does not exist. */
	const char *route;
} floods[] = {
	{ "echo=:7007", 100, false, NULL },
	{ "echo=:7007", 1400, false, NULL },
	{ "echo=:7007", 100, true, NULL },
	{ "echo=:7007", 1400, true, NULL },
	{ "--workers 4 echo=:7007", 1400, false, NULL },
	{ "--workers 4 echo=:7007", 1400, true, NULL },
	{ "--stack two --workers 4 echo=:7007", 100, false, NULL },
	{ "echo=192.0.2.1:7007 echo=198.51.100.1:7007", 1400, false, NULL },
	{ "--source relaxed echo=[2001:db8:1::1]:7007 "
	  "echo=[2001:db8:2::1]:7007",
	    1400, true, NULL },
	{ "echo=:7007", 100, false, "dev v0" },
	{ "--workers 4 echo=:7007", 1400, true, "dev v0" },
	{ "echo=:7007", 1400, false, "via 192.0.2.250" },
	{ "--user nobody echo=:7007", 1400, true, "via 2001:db8:1::dead" },
	{ "echo=:7007", 1400, true, "via fe80::dead dev v0" },
	{ "echo=:7007", 1400, false, "via inet6 fe80::dead dev v0" },
};

/* Networks without an address of the server's. */
#define OTHER "203.0.115."
#define OTHER_IPV6 "2001:db8:7::"

/* One client on another network than the server's, and one on the same. */
struct honest {
	struct client routed, neighbour;
	const char *asked[2]; /* an address there, and one that is routed */
	unsigned int requests, lost;
};

static void
honest_open(struct honest *honest, const struct lan *lan, bool ipv6)
{
	netns_ip(lan->client,
	    "addr add 203.0.114.9/32 dev lo\n"
	    "addr add 2001:db8:9::9/128 dev lo nodad\n");
	netns_ip(lan->server,
	    "route add 203.0.114.9/32 via 192.0.2.100\n"
	    "route add 2001:db8:9::9/128 via 2001:db8:1::100\n");
	honest->asked[0] = ipv6 ? "2001:db8:1::1" : "192.0.2.1";
	honest->asked[1] = ipv6 ? "2001:db8:2::1" : "198.51.100.1";
	client_open(&honest->routed, ipv6 ? "2001:db8:9::9" : "203.0.114.9");
	client_open(
	    &honest->neighbour, ipv6 ? "2001:db8:1::100" : "192.0.2.100");
}

static void
ask(struct honest *honest, struct client *client, const char *address)
{
	client_send(client, address, 7007, "honest", 6);
	honest->requests++;
	if (!client_receive(client, 2000)) {
		honest->lost++;
		return;
	}
	ck_assert_str_eq(client->source, address);
	ck_assert_uint_eq(client->length, 6);
}

static void
honest_ask(struct honest *honest)
{
	int i;

	for (i = 0; i < 2; i++) {
		ask(honest, &honest->routed, honest->asked[i]);
		ask(honest, &honest->neighbour, honest->asked[i]);
	}
}

/* From a host that does not exist, a different one each time. */
static void
send_spoofed(const struct flood *flood, const char *asked, unsigned int number)
{
	char from[80];
	const struct packet packet = { .from = from,
		.to = asked,
		.from_port = 5000,
		.to_port = 7007,
		.length = flood->length };

	number %= 150;
	if (flood->ipv6)
		snprintf(from, sizeof(from), "%sbad:%x",
		    flood->route != NULL ? OTHER_IPV6 : "2001:db8:1::", number);
	else
		snprintf(from, sizeof(from), "%s%u",
		    flood->route != NULL ? OTHER : "192.0.2.", 101 + number);
	packet_send(&packet);
}

START_TEST(test_absent_neighbours)
{
	static struct web_answer page;
	const struct flood *flood = &floods[_i];
	struct server server = { .netns = -1 };
	unsigned int lot, i;
	struct honest honest = { .lost = 0 };
	unsigned long unresolved;
	struct lan lan;
	char line[256];

	if (!harness_needs_users(flood->line))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	if (flood->route != NULL)
		netns_ip(lan.server, "route add %s %s\n",
		    flood->ipv6 ? OTHER_IPV6 "/64" : OTHER "0/24",
		    flood->route);
	snprintf(line, sizeof(line), "--http 127.0.0.1:0 %s", flood->line);
	server_start(&server, line);
	honest_open(&honest, &lan, flood->ipv6);
	for (lot = 0; lot < LOTS; lot++) {
		for (i = 0; i < LOT; i++)
			send_spoofed(
			    flood, honest.asked[lot % 2], lot * LOT + i);
		honest_ask(&honest);
	}
	/* In the end the kernel's own neighbour table is full: 99 in 100. */
	ck_assert_msg(honest.lost <= honest.requests / 100,
	    "%u of %u have no answer", honest.lost, honest.requests);
	unresolved = server_counter(&server, "neighbour-unresolved");
	/* All but what each buffer's share for them holds. */
	ck_assert_msg(unresolved > LOTS * LOT / 2, "%lu of %d unresolved",
	    unresolved, LOTS * LOT);
	ck_assert_uint_eq(server_counter(&server, "queue-expired"), 0);
	ck_assert_uint_eq(server_counter(&server, "queue-full"), 0);
	netns_enter(lan.server);
	ck_assert_int_eq(
	    web_get(&page, (unsigned int)server.http_port, "/healthz"), 200);
	netns_enter(lan.client);
	server_stop(&server);
}
END_TEST

/* -- a client that the server does not know yet -- */

/* The kernel's neighbour entries on v0. */
static void
forget_neighbours(const struct lan *lan)
{
	netns_shell(lan->server, "ip neigh flush dev v0");
}

/*
 * The client never solicits the server, whose link-layer address it has been
 * given; so the server's first reply has to solicit the client.
 */
START_TEST(test_unknown_but_there)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;
	int i;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7007");
	client_open(&client, _i == 1 ? "2001:db8:1::100" : "192.0.2.100");
	client_ask(&client, _i == 1 ? "2001:db8:1::1" : "192.0.2.1", 7007);
	netns_shell(lan.client, "ip neigh change %s dev v0 nud permanent",
	    _i == 1 ? "2001:db8:1::1" : "192.0.2.1");
	for (i = 0; i < 10; i++) {
		forget_neighbours(&lan);
		client_ask(
		    &client, _i == 1 ? "2001:db8:1::1" : "192.0.2.1", 7007);
	}
	ck_assert_uint_eq(server_counter(&server, "neighbour-unresolved"), 0);
	server_stop(&server);
}
END_TEST

/*
 * The same during a flood: the hosts in whose name it comes have had their
 * chance, and each is given up after a while.
 */
START_TEST(test_unknown_under_flood)
{
	const struct flood flood = { .length = 1400 };
	long long end;
	struct server server = { .netns = -1 };
	struct client known, unknown;
	unsigned int i;
	struct lan lan;

	lan_new(&lan);
	netns_sysctl(lan.server, "ipv4/neigh/v0/mcast_solicit", "3");
	netns_sysctl(lan.server, "ipv4/neigh/v0/retrans_time_ms", "100");
	server.netns = lan.server;
	server_start(&server, "echo=:7007");
	netns_ip(lan.client,
	    "addr add 192.0.2.99/24 dev v0\n"
	    "neigh change 192.0.2.1 dev v0 nud permanent\n");
	client_open(&known, "192.0.2.100");
	client_open(&unknown, "192.0.2.99");
	end = harness_now() + 2000;
	for (i = 0; harness_now() < end || i % LOT != 0; i++) {
		send_spoofed(&flood, "192.0.2.1", i);
		if (i % LOT == 0)
			client_ask(&known, "192.0.2.1", 7007);
	}
	client_ask(&unknown, "192.0.2.1", 7007);
	ck_assert_uint_gt(server_counter(&server, "neighbour-unresolved"), 0);
	server_stop(&server);
}
END_TEST

/*
 * More neighbour events than the daemon's socket can hold; the last one, which
 * it cannot have received, is of a client that never solicits the server.
 */
START_TEST(test_lost_news)
{
	const struct flood flood = { .length = 1400 };
	struct server server = { .netns = -1 };
	struct client client, known;
	struct lan lan;
	int i;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7007");
	client_open(&known, "192.0.2.100");
	client_ask(&known, "192.0.2.1", 7007);
	netns_ip(lan.client,
	    "addr add 192.0.2.99/24 dev v0\n"
	    "neigh change 192.0.2.1 dev v0 nud permanent\n");
	client_open(&client, "192.0.2.99");
	server_freeze(&server);
	netns_shell(lan.server,
	    "for i in $(seq 1000); do "
	    "echo neigh replace 192.0.2.98 lladdr 2:0:0:0:0:1 dev v0; "
	    "echo neigh del 192.0.2.98 dev v0; "
	    "done | ip -batch -; "
	    "ip neigh replace 192.0.2.99 dev v0 lladdr "
	    "$(ip neigh show 192.0.2.100 dev v0 | sed 's/.*lladdr //; s/ "
	    ".*//')");
	server_thaw(&server);
	for (i = 0; i < 3 * LOT; i++) {
		send_spoofed(&flood, "192.0.2.1", (unsigned int)i);
		if (i % LOT == 0)
			client_ask(&known, "192.0.2.1", 7007);
	}
	for (i = 0; i < 10; i++)
		client_ask(&client, "192.0.2.1", 7007);
	ck_assert_uint_gt(server_counter(&server, "neighbour-unresolved"), 0);
	server_stop(&server);
}
END_TEST

static Suite *
neighbours_suite(void)
{
	Suite *suite = suite_create("net neighbours");
	TCase *tcase = harness_case(suite, "neighbours");

	tcase_add_loop_test(tcase, test_absent_neighbours, 0, COUNT(floods));
	tcase_add_loop_test(tcase, test_unknown_but_there, 0, 2);
	tcase_add_test(tcase, test_unknown_under_flood);
	tcase_add_test(tcase, test_lost_news);
	return suite;
}

int
main(void)
{
	return harness_main(neighbours_suite());
}
