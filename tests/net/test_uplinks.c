/* SPDX-License-Identifier: ISC */
/*
 * Two uplinks, of which one is slow and asked for more than it carries: what
 * waits there must not cost those on the other their answers.
 */
#include "build.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define PORT 7007

/* A port that nobody serves. */
#define CLOSED_PORT 9

/* Requests by the slow uplink, and then one by the fast one. */
#define LOTS 150
#define LOT 20

static const struct uplinks {
	const char *line;
	const char *shaper; /* of the slow uplink, for tc(8) */
	const char *slow, *fast;
	size_t length;
	const char *above; /* the slow uplink, for ip(8); NULL: nothing is */
} uplinks[] = {
	{ "echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "198.18.0.1", "192.0.2.1", 1000, NULL },
	{ "echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "2001:db8:3::1", "2001:db8:1::1", 1000, NULL },
	/* One full buffer serves both families. */
	{ "echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "2001:db8:3::1", "192.0.2.1", 1400, NULL },
	{ "echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "198.18.0.1", "192.0.2.1", 100, NULL },
	{ "echo=:7007",
	    "handle 1: htb default 1; tc class add dev v1 "
	    "parent 1: classid 1:1 htb rate 50kbit",
	    "198.18.0.1", "2001:db8:1::1", 1000, NULL },
	{ "--workers 4 echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "198.18.0.1", "192.0.2.1", 1000, NULL },
	{ "--stack two echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "2001:db8:3::1", "2001:db8:1::1", 1000, NULL },
	{ "echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "198.18.0.1", "192.0.2.1", 1000, "bridge" },
	{ "echo=:7007", "tbf rate 50kbit burst 3000 limit 1000000",
	    "2001:db8:3::1", "192.0.2.1", 1000, "macvlan mode bridge" },
};

/* Move the addresses to an interface of that type, which sends by this one. */
static void
put_above(int netns, const char *type)
{
	bool bridge = strcmp(type, "bridge") == 0;

	netns_ip(netns, "addr flush dev v1\nlink add u1 %s type %s\n",
	    bridge ? "" : "link v1", type);
	if (bridge)
		netns_ip(netns, "link set v1 master u1\n");
	/* Otherwise either answers ARP for the other. */
	netns_sysctl(netns, "ipv4/conf/all/arp_ignore", "1");
	netns_hurry(netns, "u1");
	netns_ip(netns,
	    "addr add 198.18.0.1/24 dev u1\n"
	    "addr add 2001:db8:3::1/64 dev u1 nodad\n"
	    "link set u1 up\n");
}

static void
ask_slowly(struct client *client, const struct uplinks *links, unsigned int lot)
{
	char data[1400];
	unsigned int i;

	memset(data, 'q', sizeof(data));
	for (i = 0; i < LOT; i++) {
		/* No two are the same: it is no loop. */
		snprintf(data, sizeof(data), "%u", lot * LOT + i);
		client_send(client, links->slow, PORT, data, links->length);
	}
}

static bool
ask(struct client *client, const char *address, unsigned int lot)
{
	char data[16];

	snprintf(data, sizeof(data), "fast %u", lot);
	client_send(client, address, PORT, data, strlen(data));
	if (!client_receive(client, 2000))
		return false;
	ck_assert_str_eq(client->source, address);
	ck_assert_uint_eq(client->length, strlen(data));
	return true;
}

START_TEST(test_slow_uplink)
{
	const struct uplinks *links = &uplinks[_i];
	struct server server = { .netns = -1 };
	static struct web_answer page;
	unsigned int lost = 0, lot;
	struct client slow, fast;
	struct lan lan;
	char line[256];

	lan_new(&lan);
	lan_second_cable(&lan);
	if (links->above != NULL) {
		put_above(lan.server, links->above);
		netns_ip(lan.client, "neigh flush dev v1\n");
		client_expect_refused(links->slow, CLOSED_PORT);
	}
	netns_shell(lan.server, "tc qdisc add dev v1 root %s", links->shaper);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "--http 127.0.0.1:0 --rate none %s",
	    links->line);
	server_start(&server, line);
	client_open(&slow, strchr(links->slow, ':') ? "::" : "0.0.0.0");
	client_open(&fast, strchr(links->fast, ':') ? "::" : "0.0.0.0");
	for (lot = 0; lot < LOTS; lot++) {
		ask_slowly(&slow, links, lot);
		if (!ask(&fast, links->fast, lot))
			lost++;
	}
	ck_assert_msg(
	    lost <= LOTS / 100, "%u of %u have no answer", lost, LOTS);
	ck_assert_uint_gt(server_counter(&server, "link-congested"), 0);
	/* The slow uplink is used. */
	ck_assert(client_receive(&slow, HARNESS_PATIENCE_MS));
	ck_assert_str_eq(slow.source, links->slow);
	netns_enter(lan.server);
	ck_assert_int_eq(
	    web_get(&page, (unsigned int)server.http_port, "/healthz"), 200);
	netns_enter(lan.client);
	server_stop(&server);
}
END_TEST

static Suite *
uplinks_suite(void)
{
	Suite *suite = suite_create("net uplinks");
	TCase *tcase = harness_case(suite, "uplinks");

	tcase_add_loop_test(tcase, test_slow_uplink, 0, COUNT(uplinks));
	return suite;
}

int
main(void)
{
	return harness_main(uplinks_suite());
}
