/* SPDX-License-Identifier: ISC */
/*
 * Services whose clients people already have, over real sockets: the source and
 * the bytes of replies, that those clients may ask from any port, and that no
 * two servers keep each other busy.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "packet.h"
#include "probe.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* A request, and so much of what comes back as is always the same. */
static const struct {
	const char *service;
	unsigned int port;
	size_t length;
	const char *request, *reply;
	size_t at, known; /* in the reply */
} services[] = {
	{ "sockperf", 11111, 20, "\0\0\0\0\0\0\0\7\0\3\0\0\0\24 data.",
	    "\0\0\0\0\0\0\0\7\0\2\0\0\0\24 data.", 0, 20 },
	{ "sntp", 123, 48,
	    "\43\0\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0transmit",
	    "transmit", 24, 8 },
	{ "beacon", 3075, 6, "\xff\xff game", "\0\0 game", 0, 6 },
};

#define SNTP 1

static const char *const stacks[] = { "", "--stack=two", "-w 2" };

static void
start(struct server *server, int netns, const char *options, int service)
{
	char line[128];

	memset(server, 0, sizeof(*server));
	server->netns = netns;
	snprintf(line, sizeof(line), "%s %s=:%u", options,
	    services[service].service, services[service].port);
	server_start(server, line);
}

/* The next datagram is the reply, from the address and port that were asked. */
static void
ask(struct client *client, const char *address, int service)
{
	const unsigned int port = services[service].port;

	client_send(client, address, port, services[service].request,
	    services[service].length);
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS),
	    "%s: no reply of %s", services[service].service, address);
	ck_assert_str_eq(client->source, address);
	ck_assert_uint_eq(client->port, port);
	ck_assert_uint_eq(client->length, services[service].length);
	ck_assert_mem_eq(client->data + services[service].at,
	    services[service].reply, services[service].known);
}

/* All places that an address can be configured at, of both families. */
START_TEST(test_source)
{
	const int service = _i / COUNT(stacks);
	struct client ipv4, ipv6;
	struct server server;
	struct lan lan;
	int i;

	lan_new(&lan);
	start(&server, lan.server, stacks[_i % COUNT(stacks)], service);
	client_open(&ipv4, "0.0.0.0");
	client_open(&ipv6, "::");
	for (i = 0; i < LAN_PLACES; i++)
		ask(lan_places[i].ipv6 ? &ipv6 : &ipv4, lan_places[i].address,
		    service);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* Some ask from the port of a responder, and some from that of the service. */
START_TEST(test_any_port)
{
	const unsigned int ports[] = { 53, services[_i].port };
	struct server server;
	struct client client;
	struct lan lan;
	size_t i;

	lan_new(&lan);
	start(&server, lan.server, "", _i);
	for (i = 0; i < 2; i++) {
		client_open_at(&client, "0.0.0.0", ports[i]);
		ask(&client, "192.0.2.2", _i);
		client_close(&client);
	}
	ck_assert_uint_eq(server_counter(&server, "refused-port"), 0);
	server_stop(&server);
}
END_TEST

/* A forged request makes one answer another, which ends there. */
START_TEST(test_two_servers)
{
	struct packet packet = { .from = "192.0.2.100",
		.to = "192.0.2.1",
		.from_port = services[_i].port,
		.to_port = services[_i].port,
		.length = (unsigned int)services[_i].length,
		.data = services[_i].request };
	struct server here, there;
	struct lan lan;

	lan_new(&lan);
	start(&there, lan.server, "--mark-replies=no", _i);
	start(&here, lan.client, "--mark-replies=no", _i);
	packet_send(&packet);
	server_wait_counter(&here, "not-request", 1);
	ck_assert_uint_eq(server_counter(&here, "received"), 1);
	ck_assert_uint_eq(server_counter(&there, "answered"), 1);
	ck_assert_uint_eq(server_counter(&there, "received"), 1);
	server_stop(&here);
	server_stop(&there);
}
END_TEST

/* NTP's clients get what the system says of its clock. */
static const struct {
	const char *state;
	unsigned char first, stratum;
	const char *reference;
	const char *probe;
} clocks[] = {
	{ "unsynchronised", 0xe4, 0, "INIT", "kiss of death INIT" },
	{ "synchronised", 0x24, 10, "\x7f\x7f\1\1", "stratum 10" },
	{ "leap", 0x64, 10, "\x7f\x7f\1\1", "stratum 10" },
};

/* As if the system said that: sanitizers have to be first, or be told. */
static void
start_with_clock(struct server *server, int netns, const char *state)
{
	static char wrapper[512];

	snprintf(wrapper, sizeof(wrapper),
	    "/usr/bin/env LD_PRELOAD=%s NET_CLOCK=%s "
	    "ASAN_OPTIONS=verify_asan_link_order=0",
	    NET_CLOCK, state);
	memset(server, 0, sizeof(*server));
	server->netns = netns;
	server->wrapper = wrapper;
	server_start(server, "sntp=:123");
}

START_TEST(test_clock)
{
	static struct probe probe;
	struct server server;
	struct client client;
	struct lan lan;

	lan_new(&lan);
	start_with_clock(&server, lan.server, clocks[_i].state);
	client_open(&client, "::");
	ask(&client, "2001:db8:2::1", SNTP);
	ck_assert_uint_eq(client.data[0], clocks[_i].first);
	ck_assert_uint_eq(client.data[1], clocks[_i].stratum);
	ck_assert_mem_eq(client.data + 12, clocks[_i].reference, 4);
	probe_check(&probe, 0, clocks[_i].probe, "-c 1 ntp 192.0.2.2");
	server_stop(&server);
}
END_TEST

/* Seconds since 1970 of a timestamp of NTP. */
static double
time_at(const unsigned char *at)
{
	uint32_t halves[2];

	memcpy(halves, at, sizeof(halves));
	return ntohl(halves[0]) - 2208988800.0 +
	    ntohl(halves[1]) / 4294967296.0;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* It arrived before the daemon could run, and left when it did. */
START_TEST(test_kernel_time)
{
	struct server server;
	struct client client;
	double before, between;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, "", SNTP);
	client_open(&client, "0.0.0.0");
	server_freeze(&server);
	before = now();
	client_send(&client, "192.0.2.1", 123, services[SNTP].request,
	    services[SNTP].length);
	/* What was sent before has arrived. */
	client_expect_refused("192.0.2.1", 9999);
	between = now();
	server_thaw(&server);
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	ck_assert_double_ge(time_at(client.data + 32), before - 1e-6);
	ck_assert_double_lt(time_at(client.data + 32), between);
	ck_assert_double_ge(time_at(client.data + 40), between - 1e-6);
	ck_assert_double_le(time_at(client.data + 40), now());
	server_stop(&server);
}
END_TEST

/* mhprobe, with requests of all that they can be. */
static const struct {
	int service;
	const char *arguments;
} probes[] = {
	{ 0, "sockperf" },
	{ 0, "-s 14 sockperf" },
	{ 0, "--sweep-size 14-1472 sockperf" },
	{ 1, "ntp" },
	{ 2, "beacon" },
	{ 2, "unity" },
};

START_TEST(test_probe)
{
	const unsigned int port = services[probes[_i].service].port;
	static struct probe probe;
	struct server server;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, "", probes[_i].service);
	probe_check(&probe, 0, "4 ok, 0 WRONG",
	    "-c 2 %s 192.0.2.2:%u 198.51.100.1:%u [2001:db8:1::2]:%u "
	    "[2001:db8:2::1]:%u",
	    probes[_i].arguments, port, port, port, port);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

/* One after the other: a receive buffer holds few datagrams of that length. */
START_TEST(test_longest)
{
	static struct probe probe;
	struct server server;
	struct lan lan;
	int i;

	lan_new(&lan);
	start(&server, lan.server, "", 0);
	for (i = 0; i < LAN_PLACES; i++)
		probe_check(&probe, 0, "1 ok, 0 WRONG",
		    "-c 1 -s 65507 sockperf %s", lan_places[i].address);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	server_stop(&server);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clients");
	TCase *tcase = harness_case(suite, "clients");

	tcase_add_loop_test(
	    tcase, test_source, 0, COUNT(services) * COUNT(stacks));
	tcase_add_loop_test(tcase, test_any_port, 0, COUNT(services));
	tcase_add_loop_test(tcase, test_two_servers, 0, COUNT(services));
	tcase_add_loop_test(tcase, test_clock, 0, COUNT(clocks));
	tcase_add_test(tcase, test_kernel_time);
	tcase_add_loop_test(tcase, test_probe, 0, COUNT(probes));
	tcase_add_test(tcase, test_longest);
	return harness_main(suite);
}
