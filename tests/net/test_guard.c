/* SPDX-License-Identifier: ISC */
/*
 * Requests that must not be answered, made by hand with raw sockets: from port
 * 0, from nowhere, from the daemon's own endpoints.
 */
#include "build.h"

#include <netinet/in.h>
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

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* -- the scene -- */

struct scene {
	struct lan lan;
	struct server server;
	struct client client;
	unsigned int port;
};

static void
scene_open(struct scene *scene, const char *line, bool ipv6)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	scene->port = server_port(&scene->server, "echo");
	client_open(&scene->client, ipv6 ? "::" : "0.0.0.0");
}

/* It was dropped, for this reason, and the daemon is alive. */
static void
expect_dropped(struct scene *scene, const char *counter, const char *ask)
{
	client_ask(&scene->client, ask, scene->port);
	ck_assert_uint_eq(server_counter(&scene->server, counter), 1);
	ck_assert_uint_eq(server_counter(&scene->server, "received"), 2);
	ck_assert_uint_eq(server_counter(&scene->server, "answered"), 1);
	ck_assert_uint_eq(server_counter(&scene->server, "dropped"), 1);
	server_stop(&scene->server);
}

static const char *const stacks[] = { "echo=:0", "--stack two echo=:0" };

/*
 * -- a valid packet is answered: so the others were dropped for what they are
 * --
 */

START_TEST(test_good)
{
	const bool ipv6 = _i % 2 != 0;
	struct packet packet = { .from_port = 4711 };
	struct scene scene;

	scene_open(&scene, stacks[_i / 2], ipv6);
	packet.from = ipv6 ? "2001:db8:1::100" : "192.0.2.100";
	packet.to = ipv6 ? "2001:db8:1::1" : "192.0.2.1";
	packet.to_port = scene.port;
	packet_send(&packet);
	client_ask(&scene.client, packet.to, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 2);
	server_stop(&scene.server);
}
END_TEST

/* -- from nowhere -- */

static const struct {
	const char *from, *to, *ask, *counter;
	unsigned int from_port;
} nowhere[] = {
	{ "192.0.2.100", "192.0.2.1", "192.0.2.1", "source-port-0", 0 },
	{ "2001:db8:1::100", "2001:db8:1::1", "2001:db8:1::1", "source-port-0",
	    0 },
	{ "::", "2001:db8:1::1", "2001:db8:1::1", "source-unspecified", 4711 },
};

START_TEST(test_nowhere)
{
	const bool ipv6 = strchr(nowhere[_i].to, ':') != NULL;
	struct packet packet = { .from = nowhere[_i].from,
		.to = nowhere[_i].to,
		.from_port = nowhere[_i].from_port };
	struct scene scene;

	scene_open(&scene, "--answer-broadcast echo=:0", ipv6);
	packet.to_port = scene.port;
	packet_send(&packet);
	expect_dropped(&scene, nowhere[_i].counter, nowhere[_i].ask);
}
END_TEST

/* As a host without an address asks: from 0.0.0.0 to everybody. */
START_TEST(test_no_address_yet)
{
	struct scene scene;
	int client;

	scene_open(&scene, "--answer-broadcast echo=:0", false);
	client = scene.client.fd;
	ck_assert_int_eq(
	    setsockopt(client, SOL_SOCKET, SO_BINDTODEVICE, "v0", 2), 0);
	netns_ip(scene.lan.client, "addr del 192.0.2.100/24 dev v0\n");
	client_send(&scene.client, "255.255.255.255", scene.port, "?", 1);
	netns_ip(scene.lan.client, "addr add 192.0.2.100/24 dev v0\n");
	expect_dropped(&scene, "source-unspecified", "192.0.2.1");
}
END_TEST

/* -- from ourselves -- */

static const struct {
	const char *from, *to;
} ourselves[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1", "192.0.2.2" },
	{ "127.0.0.1", "127.0.0.2" },
	{ "198.51.100.1", "192.0.2.1" },
	{ "2001:db8:1::1", "2001:db8:1::1" },
	{ "2001:db8:1::1", "2001:db8:1::2" },
	{ "fe80::1", "fe80::1" },
	{ "::1", "::1" },
};

/*
 * An answer would be another request, forever.  From and to the same service,
 * and from one to the other.
 */
static void
ask_ourselves(int i, const char *line, const char *from_service)
{
	const bool ipv6 = strchr(ourselves[i].to, ':') != NULL;
	struct packet packet = { .from = ourselves[i].from,
		.to = ourselves[i].to };
	struct scene scene;

	scene_open(&scene, line, ipv6);
	packet.from_port = server_port(&scene.server, from_service);
	packet.to_port = scene.port;
	netns_enter(scene.lan.server);
	packet_send(&packet);
	netns_enter(scene.lan.client);
	expect_dropped(
	    &scene, "own-endpoint", ipv6 ? "2001:db8:1::1" : "192.0.2.1");
}

START_TEST(test_own_endpoint)
{
	ask_ourselves(_i, "echo=:0", "echo");
}
END_TEST

START_TEST(test_own_endpoint_two)
{
	ask_ourselves(_i, "--stack two echo=:0", "echo");
}
END_TEST

START_TEST(test_own_other_service)
{
	ask_ourselves(_i, "echo=:0 whoami=:0", "whoami");
}
END_TEST

/*
 * The system knows both ends only by a route, so they are in no list of
 * interfaces.  Over IPv6 this may come from anywhere.
 */
static const struct packet routed[] = {
	{ .from = "203.0.113.7", .to = "203.0.113.8" },
	{ .from = "2001:db8:ffff::7", .to = "2001:db8:ffff::8" },
};

START_TEST(test_own_routed)
{
	struct packet packet = routed[_i];
	struct scene scene;

	scene_open(&scene, "--freebind echo=:0", _i == 1);
	packet.from_port = scene.port;
	packet.to_port = scene.port;
	netns_enter(scene.lan.server);
	packet_send(&packet);
	netns_enter(scene.lan.client);
	server_wait_counter(&scene.server, "dropped", 1);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 1);
	server_stop(&scene.server);
}
END_TEST

/* A client here: its address has no broadcast address, nor is it one. */
START_TEST(test_own_client)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	netns_ip(lan.server, "addr add 192.0.2.9/24 dev v0\n");
	server.netns = lan.server;
	server_start(&server, "echo=:0");
	netns_enter(lan.server);
	client_open(&client, "192.0.2.9");
	client_ask(&client, "192.0.2.1", server_port(&server, "echo"));
	client_ask(&client, "192.0.2.9", server_port(&server, "echo"));
	client_close(&client);
	netns_enter(lan.client);
	server_stop(&server);
}
END_TEST

/* -- more than was given -- */

static const char *const asked[] = { "192.0.2.1", "2001:db8:1::1" };

/* A stranger's short request does not get a long answer. */
START_TEST(test_too_long)
{
	struct scene scene;

	scene_open(&scene, "echo=:0 whoami=:0", _i == 1);
	client_send(&scene.client, asked[_i],
	    server_port(&scene.server, "whoami"), "", 0);
	server_wait_counter(&scene.server, "too-long", 1);
	client_ask(&scene.client, asked[_i], scene.port);
	server_stop(&scene.server);
}
END_TEST

static Suite *
guard_suite(void)
{
	Suite *suite = suite_create("net guard");
	TCase *tcase = harness_case(suite, "guard");

	tcase_add_loop_test(tcase, test_good, 0, 2 * COUNT(stacks));
	tcase_add_loop_test(tcase, test_nowhere, 0, COUNT(nowhere));
	tcase_add_test(tcase, test_no_address_yet);
	tcase_add_loop_test(tcase, test_own_endpoint, 0, COUNT(ourselves));
	tcase_add_loop_test(tcase, test_own_endpoint_two, 0, COUNT(ourselves));
	tcase_add_loop_test(tcase, test_own_other_service, 0, COUNT(ourselves));
	tcase_add_loop_test(tcase, test_own_routed, 0, COUNT(routed));
	tcase_add_test(tcase, test_own_client);
	tcase_add_loop_test(tcase, test_too_long, 0, COUNT(asked));
	return suite;
}

int
main(void)
{
	return harness_main(guard_suite());
}
