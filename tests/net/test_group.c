/* SPDX-License-Identifier: ISC */
/*
 * Requests to broadcast addresses and multicast groups: by default no answer,
 * since one request would cause many; with --answer-broadcast an answer from
 * the server's own address on that network.
 */
#include "build.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

struct group {
	const char *from, *group, *source, *counter;
};

/* Two networks, so that "some address of ours" is not good enough. */
static const struct group groups[] = {
	{ "192.0.2.100", "192.0.2.255", "192.0.2.1", "to-broadcast" },
	{ "198.18.0.100", "198.18.0.255", "198.18.0.1", "to-broadcast" },
	{ "192.0.2.100", "255.255.255.255", "192.0.2.1", "to-broadcast" },
	{ "192.0.2.100", "224.0.0.1", "192.0.2.1", "to-multicast" },
	{ "198.18.0.100", "224.0.0.1", "198.18.0.1", "to-multicast" },
	{ "fe80::100%v0", "ff02::1%v0", "fe80::1%v0", "to-multicast" },
	{ "fe80::101%v1", "ff02::1%v1", "fe80::2%v1", "to-multicast" },
	{ "2001:db8:1::100", "ff02::1%v0", "2001:db8:1::1", "to-multicast" },
};

static const char *const options[] = { "", "--stack two ",
	"--reply-interface arrival " };

struct scene {
	struct lan lan;
	struct server server;
	struct client client;
	unsigned int port;
};

/*
 * A client that is bound to an address sends to groups through that address's
 * interface.  Only one global IPv6 address, so that the system has no choice.
 */
static void
scene_open(struct scene *scene, const char *from, const char *line)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	lan_second_cable(&scene->lan);
	netns_ip(scene->lan.server,
	    "addr del 2001:db8:1::2/64 dev v0\n"
	    "addr add fe80::2/64 dev v1 nodad\n");
	netns_ip(scene->lan.client, "addr add fe80::101/64 dev v1 nodad\n");
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	scene->port = server_port(&scene->server, "echo");
	client_open(&scene->client, from);
}

START_TEST(test_silent)
{
	const struct group *group = &groups[_i % COUNT(groups)];
	struct scene scene;
	char line[128];

	snprintf(line, sizeof(line), "%secho=:0", options[_i / COUNT(groups)]);
	scene_open(&scene, group->from, line);
	client_send(&scene.client, group->group, scene.port, "all", 3);
	client_ask(&scene.client, group->source, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, group->counter), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 1);
	server_stop(&scene.server);
}
END_TEST

START_TEST(test_answered)
{
	const struct group *group = &groups[_i % COUNT(groups)];
	struct scene scene;
	char line[128];

	snprintf(line, sizeof(line), "%s--answer-broadcast echo=:0",
	    options[_i / COUNT(groups)]);
	scene_open(&scene, group->from, line);
	client_ask_group(
	    &scene.client, group->group, scene.port, group->source);
	client_ask(&scene.client, group->source, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 2);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 0);
	ck_assert_uint_eq(server_counter(&scene.server, "unpinned"), 0);
	server_stop(&scene.server);
}
END_TEST

/* Each worker gets a copy; one answers. */
START_TEST(test_workers)
{
	const struct group *group = &groups[_i];
	struct scene scene;

	scene_open(&scene, group->from, "-w 3 --answer-broadcast echo=:0");
	client_ask_group(
	    &scene.client, group->group, scene.port, group->source);
	server_wait_counter(&scene.server, "received", 3);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, group->counter), 2);
	server_stop(&scene.server);
}
END_TEST

/*
 * Groups of our own choice, which the kernel lets in only where they were
 * joined.  One answer, however many workers there are.
 */
static const struct {
	const char *from, *group, *endpoint, *source;
} chosen[] = {
	{ "192.0.2.100", "239.1.2.3", "239.1.2.3:7007", "192.0.2.1" },
	{ "198.18.0.100", "239.1.2.3", "239.1.2.3:7007", "198.18.0.1" },
	{ "fe80::100%v0", "ff02::1234%v0", "[ff02::1234%v0]:7007",
	    "fe80::1%v0" },
	{ "2001:db8:1::100", "ff05::1234", "[ff05::1234]:7007",
	    "2001:db8:1::1" },
};

static const char *const crowds[] = { "", "-w 2 " };

START_TEST(test_joins)
{
	struct scene scene;
	struct client there;
	char line[128];

	snprintf(line, sizeof(line),
	    "%s--answer-broadcast echo=%s,127.0.0.1:7008",
	    crowds[_i / COUNT(chosen)], chosen[_i % COUNT(chosen)].endpoint);
	scene_open(&scene, chosen[_i % COUNT(chosen)].from, line);
	client_ask_group(&scene.client, chosen[_i % COUNT(chosen)].group, 7007,
	    chosen[_i % COUNT(chosen)].source);
	/* All that came, if there was more, has been answered. */
	netns_enter(scene.lan.server);
	client_open(&there, "0.0.0.0");
	client_ask(&there, "127.0.0.1", 7008);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 2);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 2);
	server_stop(&scene.server);
}
END_TEST

/* On an interface that comes later, too. */
START_TEST(test_joins_later)
{
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--answer-broadcast echo=239.1.2.3:7007");
	lan_second_cable(&lan);
	client_open(&client, "198.18.0.100");
	do
		client_send(&client, "239.1.2.3", 7007, "late", 4);
	while (!client_receive(&client, 50));
	ck_assert_str_eq(client.source, "198.18.0.1");
	server_stop(&server);
}
END_TEST

static Suite *
group_suite(void)
{
	Suite *suite = suite_create("net group");
	TCase *tcase = harness_case(suite, "group");
	int cases = COUNT(groups) * COUNT(options);

	tcase_add_loop_test(tcase, test_silent, 0, cases);
	tcase_add_loop_test(tcase, test_answered, 0, cases);
	tcase_add_loop_test(tcase, test_workers, 0, COUNT(groups));
	tcase_add_test(tcase, test_joins_later);
	tcase_add_loop_test(
	    tcase, test_joins, 0, COUNT(chosen) * COUNT(crowds));
	return suite;
}

int
main(void)
{
	return harness_main(group_suite());
}
