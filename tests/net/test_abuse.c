/* SPDX-License-Identifier: ISC */
/*
 * What strangers try: loops, reflection, floods.  The test's own host is a
 * stranger: neither 192.0.2.0/24 nor 2001:db8::/32 is trusted by default.
 */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "packet.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

struct scene {
	struct lan lan;
	struct server server;
	struct client client;
};

static void
scene_open(struct scene *scene, const char *line, bool ipv6)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	client_open(&scene->client, ipv6 ? "::" : "0.0.0.0");
}

static const char *const servers[] = { "192.0.2.1", "2001:db8:1::1" };
static const char *const clients[] = { "192.0.2.100", "2001:db8:1::100" };

/* -- the ports of responders -- */

static const unsigned int responders[] = { 7, 9, 11, 13, 17, 19, 37, 53, 69,
	111, 123, 137, 161, 177, 389, 500, 862, 1900, 3478, 3702, 5060, 5353,
	5683, 10001, 11211, 27015 };

START_TEST(test_refused_ports)
{
	struct packet packet = {
		.from = clients[_i], .to = servers[_i], .to_port = 7007
	};
	struct scene scene;
	int i;

	scene_open(&scene, "echo=:7007", _i == 1);
	for (i = 0; i < COUNT(responders); i++) {
		packet.from_port = responders[i];
		packet_send(&packet);
	}
	server_wait_counter(
	    &scene.server, "refused-port", (unsigned long)COUNT(responders));
	/* A port among them that is on nobody's list. */
	packet.from_port = 54;
	packet_send(&packet);
	client_ask(&scene.client, servers[_i], 7007);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 2);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"),
	    (unsigned long)COUNT(responders));
	server_stop(&scene.server);
}
END_TEST

/* A list of the operator's own replaces that. */
START_TEST(test_refused_ports_own)
{
	struct packet packet = { .from = clients[_i],
		.to = servers[_i],
		.from_port = 53,
		.to_port = 7007 };
	struct scene scene;

	scene_open(&scene, "--refuse-ports 4711 echo=:7007", _i == 1);
	packet_send(&packet);
	server_wait_counter(&scene.server, "answered", 1);
	packet.from_port = 4711;
	packet_send(&packet);
	server_wait_counter(&scene.server, "refused-port", 1);
	server_stop(&scene.server);
}
END_TEST

/* -- two daemons, one spoofed datagram -- */

static const struct {
	const char *ours, *theirs;
	unsigned int port, their_port;
} pairs[] = {
	{ "echo=:7", "echo=:7", 7, 7 },
	{ "echo=:7007", "echo=:7007", 7007, 7007 },
	{ "echo=:7007", "echo=:7", 7007, 7 },
	{ "echo=:7", "chargen=:19 --max-amplification 100", 7, 19 },
	{ "chargen=:1019 --max-amplification 100 --refuse-ports 1",
	    "chargen=:2019 --max-amplification 100 --refuse-ports 1", 1019,
	    2019 },
	{ "daytime=:1013 --max-amplification 100 --refuse-ports 1",
	    "daytime=:2013 --max-amplification 100 --refuse-ports 1", 1013,
	    2013 },
	{ "time=:1037 --refuse-ports 1", "time=:2037 --refuse-ports 1", 1037,
	    2037 },
	/* On unlisted ports, and trusting each other: replies are marked. */
	{ "echo=:7007 --trust ::/0,0.0.0.0/0",
	    "echo=:7008 --trust ::/0,0.0.0.0/0", 7007, 7008 },
	{ "whoami=:7007 --trust ::/0,0.0.0.0/0",
	    "chargen=:7008 --trust ::/0,0.0.0.0/0", 7007, 7008 },
	/* Different ports; only one of them refuses the other's. */
	{ "echo=:7007 --refuse-ports 7008", "echo=:7008", 7007, 7008 },
};

/*
 * Each answers at most once: what was sent is answered or dropped, and from
 * then on the counters stay as they are, however often we ask.
 */
START_TEST(test_two_daemons)
{
	struct packet packet = { .from_port = pairs[_i / 2].their_port,
		.to_port = pairs[_i / 2].port,
		.from = clients[_i % 2],
		.to = servers[_i % 2] };
	struct server theirs = { .netns = -1 };
	unsigned long received, again;
	struct scene scene;
	int rounds;

	scene_open(&scene, pairs[_i / 2].ours, _i % 2 == 1);
	theirs.netns = scene.lan.client;
	server_start(&theirs, pairs[_i / 2].theirs);
	packet_send(&packet);
	server_wait_counter(&scene.server, "received", 1);
	for (rounds = 0; rounds < 3; rounds++) {
		/*
		 * There and back again: whatever was on the move has arrived.
		 */
		client_expect_refused(servers[_i % 2], 6);
		netns_enter(scene.lan.server);
		client_expect_refused(clients[_i % 2], 6);
		netns_enter(scene.lan.client);
		received = server_counter(&scene.server, "received") +
		    server_counter(&theirs, "received");
		if (rounds > 0)
			ck_assert_uint_eq(received, again);
		again = received;
	}
	ck_assert_uint_le(received, 2);
	server_stop(&theirs);
	server_stop(&scene.server);
}
END_TEST

/* -- another make of echo, on a port that no list names -- */

static const char *const echoes[] = { "echo=:7007",
	"echo=:7007 --trust 192.0.2.0/24,2001:db8::/32",
	"echo=:7007 --rate none --workers 2" };

#define SPOOFED 30

/* It would go on forever; how often it goes round does not matter much. */
#define ROUNDS_MAX 100000

/* The client is the echo: it sends back what it gets, until nothing comes. */
START_TEST(test_foreign_echo)
{
	const int family = _i % 2, i = _i / 2;
	struct packet packet = { .from = clients[family],
		.to = servers[family],
		.from_port = 4000,
		.to_port = 7007 };
	unsigned long looped;
	unsigned int n;
	struct scene scene;
	struct client echo;

	scene_open(&scene, echoes[i], family == 1);
	client_open_at(&echo, clients[family], 4000);
	for (n = 0; n < SPOOFED; n++)
		packet_send(&packet);
	for (n = 0; n < ROUNDS_MAX && client_receive(&echo, 1000); n++)
		client_send(
		    &echo, servers[family], 7007, echo.data, echo.length);
	ck_assert_uint_lt(n, ROUNDS_MAX);
	looped = server_counter(&scene.server, "loop");
	/* All of them died in the silence, which met nobody else. */
	ck_assert_uint_ge(looped, 1);
	ck_assert_uint_le(looped, SPOOFED);
	client_ask(&scene.client, servers[family], 7007);
	client_ask(&echo, servers[family], 7007);
	client_close(&echo);
	server_stop(&scene.server);
}
END_TEST

/* -- martians -- */

START_TEST(test_loopback_martian)
{
	struct packet packet = { .from = "127.0.0.1",
		.to = "192.0.2.1",
		.from_port = 4711,
		.to_port = 7007 };
	struct scene scene;

	scene_open(&scene, "echo=:7007", false);
	/*
	 * Otherwise the system drops it; hosts that route loopback set it, too.
	 */
	netns_sysctl(scene.lan.server, "ipv4/conf/v0/route_localnet", "1");
	netns_sysctl(scene.lan.server, "ipv4/conf/v0/accept_local", "1");
	packet_send(&packet);
	client_ask(&scene.client, "192.0.2.1", 7007);
	server_wait_counter(&scene.server, "source-loopback", 1);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 1);
	server_stop(&scene.server);
}
END_TEST

/* Also where the address was configured without one: routing has it anyway. */
START_TEST(test_broadcast_martian)
{
	struct packet packet = { .from = "198.18.0.255",
		.to = "198.18.0.1",
		.from_port = 4711,
		.to_port = 7007 };
	struct scene scene;

	scene_open(&scene, "echo=:7007", false);
	netns_sysctl(scene.lan.server, "ipv4/conf/v0/accept_local", "1");
	netns_ip(scene.lan.server, "addr add 198.18.0.1/24 dev v0\n");
	netns_ip(scene.lan.client, "addr add 198.18.0.2/24 dev v0\n");
	/* The daemon learns of the new address a moment later. */
	do
		packet_send(&packet);
	while (server_counter(&scene.server, "source-broadcast") == 0);
	server_stop(&scene.server);
}
END_TEST

/* -- who may ask, and where -- */

static const struct {
	const char *line, *counter; /* NULL: answered */
	int family;
} access_rules[] = {
	{ "--allow 192.0.2.0/24", NULL, 0 },
	{ "--allow 192.0.2.0/24", "not-allowed", 1 },
	{ "--allow 2001:db8:1::/48", NULL, 1 },
	{ "--allow 0.0.0.0/0", "not-allowed", 1 },
	{ "--deny 192.0.2.0/24", "not-allowed", 0 },
	{ "--deny 192.0.2.0/24", NULL, 1 },
	{ "--deny ::/0", NULL, 0 },
	{ "--deny ::/0", "not-allowed", 1 },
	/* The longest prefix decides, in whatever order they are given. */
	{ "--deny 192.0.0.0/8 --allow 192.0.2.100", NULL, 0 },
	{ "--allow 192.0.0.0/8 --deny 192.0.2.100", "not-allowed", 0 },
	{ "--allow 2001:db8:1::100 --deny ::/0", NULL, 1 },
	{ "--serve 192.0.2.1", NULL, 0 },
	{ "--serve 192.0.2.1", "not-served", 1 },
	{ "--serve 192.0.2.2,2001:db8::/32", "not-served", 0 },
	{ "--serve 192.0.2.2,2001:db8::/32", NULL, 1 },
};

START_TEST(test_access)
{
	const int family = access_rules[_i].family;
	struct scene scene;
	char line[128];

	snprintf(line, sizeof(line), "%s echo=:7007", access_rules[_i].line);
	scene_open(&scene, line, family == 1);
	if (access_rules[_i].counter == NULL) {
		client_ask(&scene.client, servers[family], 7007);
		ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 0);
	} else {
		client_send(&scene.client, servers[family], 7007, "?", 1);
		server_wait_counter(&scene.server, access_rules[_i].counter, 1);
		ck_assert_uint_eq(server_counter(&scene.server, "answered"), 0);
	}
	server_stop(&scene.server);
}
END_TEST

/* -- no more than was given -- */

static const struct {
	const char *line;
	size_t length; /* of a request to whoami */
	bool answered;
} amplifications[] = {
	{ "whoami=:7008", 0, false },
	{ "whoami=:7008 --trust 192.0.2.0/24,2001:db8::/32", 0, true },
	{ "whoami=:7008 --max-amplification 100", 18, true },
	{ "whoami=:7008", 1000, true },
	{ "whoami=:7008 --max-amplification 0.01", 1000, false },
};

START_TEST(test_amplification)
{
	const int family = _i % 2, i = _i / 2;
	static const char data[1000];
	struct scene scene;

	scene_open(&scene, amplifications[i].line, family == 1);
	client_send(&scene.client, servers[family], 7008, data,
	    amplifications[i].length);
	server_wait_counter(&scene.server,
	    amplifications[i].answered ? "answered" : "too-long", 1);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 1);
	server_stop(&scene.server);
}
END_TEST

/* Peers whose address only looks local, and some that are. */
static const struct {
	const char *from, *to;
	const char *counter;
} nearby[] = {
	{ "10.9.9.9", "192.0.2.1", "too-long" },
	{ "169.254.169.254", "192.0.2.1", "too-long" },
	{ "192.168.77.77", "192.0.2.1", "too-long" },
	{ "fd00:9::9", "2001:db8:1::1", "too-long" },
	{ "10.9.9.9", "10.9.9.1", "answered" },
	{ "fd00:9::9", "fd00:9::1", "answered" },
	{ "fe80::100", "fe80::1", "answered" },
};

START_TEST(test_nearby)
{
	struct packet packet = { .from = nearby[_i].from,
		.to = nearby[_i].to,
		.from_port = 4711,
		.to_port = 7008 };
	struct scene scene;

	scene_open(&scene, "whoami=:7008", false);
	netns_ip(scene.lan.server,
	    "addr add 10.9.9.1/32 dev lo\n"
	    "addr add fd00:9::1/128 dev lo nodad\n"
	    "route add default via 192.0.2.100\n"
	    "route add ::/0 via 2001:db8:1::100\n");
	netns_ip(scene.lan.client,
	    "route add 10.9.9.1/32 via 192.0.2.1\n"
	    "route add fd00:9::1/128 via 2001:db8:1::1\n");
	/* What is added is in use. */
	client_expect_refused("fd00:9::1", 6);
	packet_send(&packet);
	server_wait_counter(&scene.server, nearby[_i].counter, 1);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 1);
	server_stop(&scene.server);
}
END_TEST

/* -- no more often than agreed -- */

#define ASKED 40
#define BURST 5

/* Ask from that many ports. */
static void
ask_often(const char *from, const char *to, unsigned int count)
{
	struct client client;

	for (; count > 0; count--) {
		client_open(&client, from);
		client_send(&client, to, 7007, "?", 1);
		client_close(&client);
	}
	client_expect_refused(to, 6);
}

static const struct {
	const char *line, *first, *second; /* who asks, and who then */
	bool limited, shared;
} rates[] = {
	{ "", "192.0.2.100", "192.0.2.101", true, false },
	{ "rate-prefix-v4 = 24", "192.0.2.100", "192.0.2.101", true, true },
	{ "trust = 192.0.2.0/24", "192.0.2.100", "192.0.2.101", false, false },
	/* 2001:db8:1::100 and ::101 are one source, a /64. */
	{ "", "2001:db8:1::100", "2001:db8:1::101", true, true },
	{ "rate-prefix-v6 = 128", "2001:db8:1::100", "2001:db8:1::101", true,
	    false },
	{ "rate = none", "2001:db8:1::100", "2001:db8:1::101", false, false },
	{ "rate = none\nrate-total = 1/s burst 5", "192.0.2.100",
	    "2001:db8:1::101", true, true },
};

/* How many of that many may have been answered by now: by far not all. */
static void
expect_limited(struct server *server, long long since, unsigned int sources,
    unsigned int count)
{
	unsigned long answered = server_counter(server, "answered");
	unsigned long limited = server_counter(server, "rate") +
	    server_counter(server, "rate-total");
	unsigned long seconds =
	    (unsigned long)(harness_now() - since) / 1000 + 1;

	ck_assert_uint_eq(answered + limited, count);
	ck_assert_uint_ge(answered, (unsigned long)sources * BURST);
	ck_assert_uint_le(answered, (unsigned long)sources * (BURST + seconds));
}

START_TEST(test_rate)
{
	const int family = strchr(rates[_i].first, ':') != NULL;
	const int other = strchr(rates[_i].second, ':') != NULL;
	long long since = harness_now();
	struct scene scene;
	char *path, line[300];

	path = reload_file("%s%s\n[echo]\nlisten = :7007\n",
	    strstr(rates[_i].line, "rate = ") ? "" : "rate = 1/s burst 5\n",
	    rates[_i].line);
	snprintf(line, sizeof(line), "-c %s", path);
	scene_open(&scene, line, family == 1);
	netns_ip(scene.lan.client,
	    "addr add 192.0.2.101/24 dev v0\n"
	    "addr add 2001:db8:1::101/64 dev v0 nodad\n");
	ask_often(rates[_i].first, servers[family], ASKED);
	server_wait_counter(&scene.server, "received", ASKED);
	if (rates[_i].limited)
		expect_limited(&scene.server, since, 1, ASKED);
	else
		ck_assert_uint_eq(
		    server_counter(&scene.server, "answered"), ASKED);
	ask_often(rates[_i].second, servers[other], ASKED);
	server_wait_counter(&scene.server, "received", 2L * ASKED);
	if (rates[_i].limited)
		expect_limited(
		    &scene.server, since, rates[_i].shared ? 1 : 2, 2 * ASKED);
	server_stop(&scene.server);
	free(path);
}
END_TEST

static Suite *
abuse_suite(void)
{
	Suite *suite = suite_create("net abuse");
	TCase *tcase = harness_case(suite, "abuse");

	tcase_add_loop_test(tcase, test_refused_ports, 0, 2);
	tcase_add_loop_test(tcase, test_refused_ports_own, 0, 2);
	tcase_add_loop_test(tcase, test_two_daemons, 0, 2 * COUNT(pairs));
	tcase_add_loop_test(tcase, test_foreign_echo, 0, 2 * COUNT(echoes));
	tcase_add_test(tcase, test_loopback_martian);
	tcase_add_test(tcase, test_broadcast_martian);
	tcase_add_loop_test(tcase, test_access, 0, COUNT(access_rules));
	tcase_add_loop_test(
	    tcase, test_amplification, 0, 2 * COUNT(amplifications));
	tcase_add_loop_test(tcase, test_nearby, 0, COUNT(nearby));
	tcase_add_loop_test(tcase, test_rate, 0, COUNT(rates));
	return suite;
}

int
main(void)
{
	return harness_main(abuse_suite());
}
