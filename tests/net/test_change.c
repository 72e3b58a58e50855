/* SPDX-License-Identifier: ISC */
/*
 * The host changes while the daemon runs: addresses come and go, a link goes
 * down, a firewall closes.  The daemon is stopped while a request waits for it,
 * so that the change certainly happens in between.
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

/* A port that nobody serves. */
#define CLOSED_PORT 9

/* How all tests here begin. */
struct scene {
	struct lan lan;
	struct server server;
	struct client ipv4, ipv6;
	unsigned int port;
};

static void
scene_open(struct scene *scene, const char *line)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	scene->port = server_port(&scene->server, "echo");
	client_open(&scene->ipv4, "0.0.0.0");
	client_open(&scene->ipv6, "::");
}

/* -- an address is added -- */

static const char *const stacks[] = { "echo=:0", "--stack two echo=:0",
	"--reply-interface arrival echo=:0" };

START_TEST(test_address_added)
{
	struct scene scene;

	scene_open(&scene, stacks[_i]);
	netns_ip(scene.lan.server,
	    "addr add 192.0.2.7/24 dev v0\n"
	    "addr add 198.51.100.7/32 dev lo\n"
	    "addr add 2001:db8:1::7/64 dev v0 nodad\n"
	    "addr add 2001:db8:2::7/128 dev lo nodad\n");
	client_expect_refused("2001:db8:1::7", CLOSED_PORT);
	client_expect_refused("2001:db8:2::7", CLOSED_PORT);
	client_ask(&scene.ipv4, "192.0.2.7", scene.port);
	client_ask(&scene.ipv4, "198.51.100.7", scene.port);
	client_ask(&scene.ipv6, "2001:db8:1::7", scene.port);
	client_ask(&scene.ipv6, "2001:db8:2::7", scene.port);
	/* A whole interface. */
	lan_second_cable(&scene.lan);
	client_ask(&scene.ipv4, "198.18.0.1", scene.port);
	client_ask(&scene.ipv6, "2001:db8:3::1", scene.port);
	server_stop(&scene.server);
}
END_TEST

/* -- an address is removed between request and answer -- */

static const struct {
	const char *options, *address, *dev, *other;
} removed[] = {
	{ "", "192.0.2.2", "192.0.2.2/24 dev v0", "192.0.2.1" },
	{ "", "198.51.100.1", "198.51.100.1/32 dev lo", "192.0.2.1" },
	{ "", "2001:db8:1::2", "2001:db8:1::2/64 dev v0", "2001:db8:1::1" },
	{ "", "2001:db8:2::1", "2001:db8:2::1/128 dev lo", "2001:db8:1::1" },
	{ "--stack two ", "192.0.2.2", "192.0.2.2/24 dev v0", "192.0.2.1" },
	{ "--stack two ", "2001:db8:1::2", "2001:db8:1::2/64 dev v0",
	    "2001:db8:1::1" },
	{ "--reply-interface arrival ", "192.0.2.2", "192.0.2.2/24 dev v0",
	    "192.0.2.1" },
	{ "--reply-interface arrival ", "2001:db8:1::2",
	    "2001:db8:1::2/64 dev v0", "2001:db8:1::1" },
};

static struct client *
scene_client(struct scene *scene, const char *address)
{
	return strchr(address, ':') ? &scene->ipv6 : &scene->ipv4;
}

/* Ask an address while the daemon is stopped, and then remove the address. */
static struct client *
ask_and_remove(struct scene *scene, int i)
{
	struct client *client = scene_client(scene, removed[i].address);

	/* All neighbours are known, and it worked before. */
	client_ask(client, removed[i].address, scene->port);
	server_freeze(&scene->server);
	client_send(client, removed[i].address, scene->port, "gone?", 5);
	client_expect_refused(removed[i].address, CLOSED_PORT);
	netns_ip(scene->lan.server, "addr del %s\n", removed[i].dev);
	server_thaw(&scene->server);
	return client;
}

/* No answer from any other address, and the reason is counted. */
START_TEST(test_address_removed)
{
	struct client *client;
	struct scene scene;
	char line[128];

	snprintf(line, sizeof(line), "%secho=:0", removed[_i].options);
	scene_open(&scene, line);
	client = ask_and_remove(&scene, _i);
	client_ask(client, removed[_i].other, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 3);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 2);
	ck_assert_uint_eq(server_counter(&scene.server, "source-gone"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "unpinned"), 0);
	server_stop(&scene.server);
}
END_TEST

/* Relaxed: one answer, from an address that is still there, and counted. */
START_TEST(test_address_removed_relaxed)
{
	struct client *client;
	struct scene scene;
	char line[128];

	snprintf(line, sizeof(line), "%s--source relaxed echo=:0",
	    removed[_i].options);
	scene_open(&scene, line);
	client = ask_and_remove(&scene, _i);
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "no answer");
	ck_assert_str_ne(client->source, removed[_i].address);
	ck_assert_uint_eq(client->port, scene.port);
	ck_assert_uint_eq(client->length, 5);
	ck_assert_int_eq(memcmp(client->data, "gone?", 5), 0);
	client_ask(client, removed[_i].other, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 3);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 3);
	ck_assert_uint_eq(server_counter(&scene.server, "unpinned"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "source-gone"), 0);
	server_stop(&scene.server);
}
END_TEST

/* In a batch with others, it does not delay them. */
START_TEST(test_address_removed_among_others)
{
	struct client *client;
	struct scene scene;
	int i;

	scene_open(&scene, "echo=:0");
	client = scene_client(&scene, removed[_i].address);
	client_ask(client, removed[_i].address, scene.port);
	client_ask(client, removed[_i].other, scene.port);
	server_freeze(&scene.server);
	for (i = 0; i < 9; i++)
		client_send(client,
		    i % 3 == 1 ? removed[_i].address : removed[_i].other,
		    scene.port, &i, sizeof(i));
	client_expect_refused(removed[_i].other, CLOSED_PORT);
	netns_ip(scene.lan.server, "addr del %s\n", removed[_i].dev);
	server_thaw(&scene.server);
	for (i = 0; i < 9; i++) {
		if (i % 3 == 1)
			continue;
		ck_assert(client_receive(client, HARNESS_PATIENCE_MS));
		ck_assert_str_eq(client->source, removed[_i].other);
		ck_assert_int_eq(memcmp(client->data, &i, sizeof(i)), 0);
	}
	client_ask(client, removed[_i].other, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "source-gone"), 3);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 9);
	server_stop(&scene.server);
}
END_TEST

/* -- the interface goes down -- */

static const char *const on_link[] = { "192.0.2.1", "2001:db8:1::1" };

/*
 * The request is lost, and counted once; the other interface is not affected,
 * and the first works again once it is back.
 */
START_TEST(test_interface_down)
{
	struct client *client;
	struct scene scene;

	scene_open(&scene, "echo=:0");
	client = scene_client(&scene, on_link[_i]);
	lan_second_cable(&scene.lan);
	client_ask(client, on_link[_i], scene.port);
	server_freeze(&scene.server);
	client_send(client, on_link[_i], scene.port, "down?", 5);
	client_expect_refused(on_link[_i], CLOSED_PORT);
	netns_ip(scene.lan.server, "link set v0 down\n");
	server_thaw(&scene.server);
	client_ask(&scene.ipv4, "198.18.0.1", scene.port);
	client_ask(&scene.ipv6, "2001:db8:3::1", scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 4);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 3);
	ck_assert_uint_eq(server_counter(&scene.server, "source-gone") +
		server_counter(&scene.server, "unreachable"),
	    1);
	netns_ip(scene.lan.server,
	    "link set v0 up\n"
	    "addr replace 2001:db8:1::1/64 dev v0 nodad\n");
	client_expect_refused("192.0.2.1", CLOSED_PORT);
	client_expect_refused("2001:db8:1::1", CLOSED_PORT);
	client_ask(&scene.ipv4, "192.0.2.1", scene.port);
	client_ask(&scene.ipv6, "2001:db8:1::1", scene.port);
	server_stop(&scene.server);
}
END_TEST

/* -- the firewall closes -- */

static const struct {
	const char *address, *other;
} blocked[] = {
	{ "192.0.2.2", "192.0.2.1" },
	{ "2001:db8:1::2", "2001:db8:1::1" },
};

START_TEST(test_output_blocked)
{
	struct client *client;
	struct scene scene;

	if (!harness_needs_tool("nft"))
		return;
	scene_open(&scene, "echo=:0");
	client = scene_client(&scene, blocked[_i].address);
	netns_shell(scene.lan.server,
	    "nft 'table inet t { chain o { type filter hook output priority "
	    "0; %s saddr %s udp sport %u drop; }; }'",
	    strchr(blocked[_i].address, ':') ? "ip6" : "ip",
	    blocked[_i].address, scene.port);
	client_send(client, blocked[_i].address, scene.port, "stop", 4);
	client_ask(client, blocked[_i].other, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "not-permitted"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 1);
	netns_shell(scene.lan.server, "nft delete table inet t");
	client_ask(client, blocked[_i].address, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 1);
	server_stop(&scene.server);
}
END_TEST

/* -- the way back is gone -- */

/* The source is there, the route is not: that is counted as something else. */
static const char *const far[] = { "192.0.2.1", "2001:db8:1::1" };

START_TEST(test_no_route)
{
	struct client client;
	struct scene scene;

	scene_open(&scene, "echo=:0");
	netns_ip(scene.lan.client,
	    "addr add 198.18.99.9/32 dev lo\n"
	    "addr add 2001:db8:99::9/128 dev lo nodad\n");
	client_open(
	    &client, strchr(far[_i], ':') ? "2001:db8:99::9" : "198.18.99.9");
	client_send(&client, far[_i], scene.port, "far", 3);
	client_ask(scene_client(&scene, far[_i]), far[_i], scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "unreachable"), 1);
	ck_assert_uint_eq(server_counter(&scene.server, "dropped"), 1);
	ck_assert(!client_receive(&client, 0));
	server_stop(&scene.server);
}
END_TEST

static Suite *
change_suite(void)
{
	Suite *suite = suite_create("net change");
	TCase *tcase = harness_case(suite, "change");

	tcase_add_loop_test(tcase, test_address_added, 0, COUNT(stacks));
	tcase_add_loop_test(tcase, test_address_removed, 0, COUNT(removed));
	tcase_add_loop_test(
	    tcase, test_address_removed_relaxed, 0, COUNT(removed));
	tcase_add_loop_test(tcase, test_address_removed_among_others, 0, 4);
	tcase_add_loop_test(tcase, test_interface_down, 0, COUNT(on_link));
	tcase_add_loop_test(tcase, test_output_blocked, 0, COUNT(blocked));
	tcase_add_loop_test(tcase, test_no_route, 0, COUNT(far));
	return suite;
}

int
main(void)
{
	return harness_main(change_suite());
}
