/* SPDX-License-Identifier: ISC */
/*
 * Hosts that are set up in other ways than most: what is ours, and who can be
 * reached from where, is what the kernel says and not what is usual.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct probe probe;

/* -- an interface that is made anew -- */

static const char *const remade[] = {
	"echo=[fe80::1%v0]:7007",
	"-w 4 echo=[fe80::1%v0]:7007",
	"-w 2 --source relaxed -u nobody echo=[fe80::1%v0]:7",
	/* A port that the system chose. */
	"echo=[fe80::1%v0]:0",
	"-w 2 --sandbox=no whoami=:0 echo=[fe80::1%v0]:0",
};

/* Until it has followed so often. */
static void
wait_logged(const struct server *server, int times)
{
	static const char text[] = "echo: interface v0 was made anew: "
				   "listening on [fe80::1%";
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	while (server_log_count(server, text) < (unsigned int)times) {
		ck_assert_msg(harness_now() < deadline, "it does not follow");
		poll(NULL, 0, 5);
	}
}

/*
 * When the self-probe has asked again, nothing more was lost.  What was under
 * way when the address went, may have been.
 */
static void
check_nothing_lost(struct server *server)
{
	unsigned long gone = server_counter(server, "source-gone");
	unsigned long asked = server_counter(server, "self-probes");
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	while (server_counter(server, "self-probes") <= asked) {
		ck_assert_msg(harness_now() < deadline, "nobody is asked");
		poll(NULL, 0, 20);
	}
	ck_assert_uint_eq(server_counter(server, "source-gone"), gone);
}

/*
 * It has another index, and a socket that is bound to its link-local address
 * follows, without rights and without a reload.
 */
START_TEST(test_remade)
{
	struct server server = { .netns = -1 };
	struct client client;
	unsigned int port;
	char line[200];
	struct lan lan;
	int i;

	if (!harness_needs_users(remade[_i]))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line),
	    "--http 127.0.0.1:0 --probe-interval 1s "
	    "--health-unasked fail %s",
	    remade[_i]);
	server_start(&server, line);
	port = server_port(&server, "echo");
	for (i = 1; i <= 2; i++) {
		lan_cut(&lan);
		server_wait_log(
		    &server, "echo: interface v0 is gone: [fe80::1");
		lan_again(&lan);
		wait_logged(&server, i);
		client_open(&client, "::");
		client_ask(&client, "fe80::1%v0", port);
		client_close(&client);
	}
	/* The self-probe follows, too. */
	netns_enter(lan.server);
	web_wait_status(server.http_port, "/healthz", 200);
	check_nothing_lost(&server);
	server_stop(&server);
}
END_TEST

/* -- settings of the kernel -- */

struct setting {
	const char *key, *value;
};

static const struct setting settings[][3] = {
	{ { "ipv6/bindv6only", "1" } },
	{ { "ipv4/ip_nonlocal_bind", "1" }, { "ipv6/ip_nonlocal_bind", "1" } },
	{ { "ipv4/ip_nonlocal_bind", "1" }, { "ipv6/ip_nonlocal_bind", "1" },
	    { "ipv6/bindv6only", "1" } },
};

static const char *const options[] = {
	"",
	"--stack two -w 2",
	"-w 4 --source relaxed",
	"--freebind",
};

static void
apply(int netns, const struct setting setting[3])
{
	int i;

	for (i = 0; i < 3 && setting[i].key != NULL; i++)
		netns_sysctl(netns, setting[i].key, setting[i].value);
}

static void
ask_places(unsigned int port, bool ipv4, bool ipv6)
{
	struct client client;
	int i;

	for (i = 0; i < LAN_PLACES; i++) {
		if (lan_places[i].ipv6 ? !ipv6 : !ipv4)
			continue;
		client_open(&client, lan_places[i].ipv6 ? "::" : "0.0.0.0");
		client_ask(&client, lan_places[i].address, port);
		client_close(&client);
	}
}

/* Each address answers, and the host knows its own from others'. */
START_TEST(test_settings)
{
	const struct setting *setting = settings[_i / COUNT(options)];
	struct server server = { .netns = -1 };
	struct client client;
	char line[200];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	apply(lan.server, setting);
	apply(lan.client, setting);
	snprintf(line, sizeof(line),
	    "--http [::]:0 --probe-interval 1s "
	    "--health-unasked fail --http-allow 192.0.2.0/24 %s echo=:7007",
	    options[_i % COUNT(options)]);
	server_start(&server, line);
	ask_places(7007, true, true);
	client_open(&client, "::");
	client_ask(&client, "2001:db8:ffff::77", 7007);
	client_close(&client);
	/* From the address that routing chooses, not from that of lo. */
	netns_ip(lan.client,
	    "addr add 198.18.9.9/32 dev lo\n"
	    "addr add 2001:db8:99::9/128 dev lo nodad\n");
	ck_assert_int_eq(probe_run(&probe,
			     "-c 2 echo 192.0.2.1:7007 "
			     "[2001:db8:1::1]:7007 198.51.100.1:7007"),
	    0);
	probe_shows(&probe, "3 ok, 0 WRONG");
	/* And of our own, from itself. */
	netns_enter(lan.server);
	ck_assert_int_eq(probe_run(&probe,
			     "-c 2 echo 192.0.2.2:7007 "
			     "[2001:db8:1::2]:7007 203.0.113.5:7007 "
			     "[2001:db8:ffff::5]:7007"),
	    0);
	probe_shows(&probe, "4 ok, 0 WRONG");
	web_wait_status(server.http_port, "/healthz", 200);
	ck_assert_uint_eq(server_counter(&server, "source-gone"), 0);
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* IPv6 is switched off and on again, at start or while it runs. */
START_TEST(test_disabled_ipv6)
{
	static const char switched[] = "ipv6/conf/all/disable_ipv6";
	struct server server = { .netns = -1 };
	char line[200];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	if (_i % 2 != 0)
		netns_sysctl(lan.server, switched, "1");
	snprintf(line, sizeof(line),
	    "--http 127.0.0.1:0 --probe-interval 1s %s echo=:7007",
	    options[_i / 2]);
	server_start(&server, line);
	netns_sysctl(lan.server, switched, "1");
	ask_places(7007, true, false);
	netns_enter(lan.server);
	web_wait_status(server.http_port, "/healthz", 200);
	netns_sysctl(lan.server, switched, "0");
	netns_ip(lan.server, "addr add 2001:db8:1::1/64 dev v0 nodad\n");
	netns_enter(lan.client);
	client_expect_refused("2001:db8:1::1", 65000);
	if (_i % 2 == 0 || strstr(options[_i / 2], "two") == NULL)
		ck_assert_int_eq(
		    probe_run(&probe,
			"-c 2 echo 192.0.2.1:7007 [2001:db8:1::1]:7007"),
		    0);
	netns_enter(lan.server);
	web_wait_status(server.http_port, "/healthz", 200);
	server_stop(&server);
}
END_TEST

/* Without lo the host cannot talk to itself, but to all others. */
START_TEST(test_lo_is_down)
{
	struct server server = { .netns = -1 };
	char line[200];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_ip(lan.server, "link set lo down\n");
	netns_ip(lan.client, "link set lo down\n");
	snprintf(line, sizeof(line),
	    "--http 192.0.2.1:0 --http-allow "
	    "192.0.2.100 --probe-interval 1s %s echo=:7007",
	    options[_i]);
	server_start(&server, line);
	server_wait_log(&server, "self-probe: cannot query ");
	ck_assert_int_eq(
	    probe_run(&probe,
		"-c 2 echo 192.0.2.1:7007 "
		"192.0.2.2:7007 [2001:db8:1::1]:7007 [fe80::1%%v0]:7007"),
	    0);
	probe_shows(&probe, "4 ok, 0 WRONG");
	ck_assert_uint_eq(server_log_count(&server, "not all sockets"), 0);
	netns_ip(lan.server, "link set lo up\n");
	server_wait_log(&server, "all sockets can be queried again");
	server_stop(&server);
}
END_TEST

static Suite *
hosts_suite(void)
{
	Suite *suite = suite_create("net hosts");
	TCase *tcase = harness_case(suite, "hosts");

	tcase_add_loop_test(tcase, test_remade, 0, COUNT(remade));
	tcase_add_loop_test(
	    tcase, test_settings, 0, COUNT(settings) * COUNT(options));
	tcase_add_loop_test(tcase, test_disabled_ipv6, 0, 2 * COUNT(options));
	tcase_add_loop_test(tcase, test_lo_is_down, 0, COUNT(options));
	return suite;
}

int
main(void)
{
	return harness_main(hosts_suite());
}
