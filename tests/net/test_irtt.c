/* SPDX-License-Identifier: ISC */
/*
 * irtt over real sockets: the source of replies, the kernel's times, DSCP, and
 * sessions with several workers and across reloads.  ./dev interop has its
 * clients.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "probe.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define PORT 2112

/* Version 1, 60 s, 1 s; all statistics, both times of both clocks. */
#define ALL "\1\2\2\x80\xe0\xba\x84\xbf\3\3\x80\xa8\xd6\xb9\7\5\6\6\6\7\6"
#define ALL_LENGTH (sizeof(ALL) - 1)
#define HEADER 60

static uint64_t
little(const unsigned char *at, int size)
{
	uint64_t number = 0;

	while (size-- > 0)
		number = number << 8 | at[size];
	return number;
}

static double
seconds(const unsigned char *at)
{
	return (double)little(at, 8) / 1e9;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
start(struct server *server, int netns, const char *line)
{
	memset(server, 0, sizeof(*server));
	server->netns = netns;
	server_start(server, line);
}

/* A connection of a client: the token that it got, as it came. */
struct connection {
	struct client client;
	const char *address;
	unsigned char token[8];
	uint32_t next; /* sequence number */
};

static void
ask_to_open(struct connection *connection, const char *more, size_t length)
{
	unsigned char packet[4 + ALL_LENGTH + 64] = "\x14\xa7\x5b\1" ALL;

	memcpy(packet + 4 + ALL_LENGTH, more, length);
	client_send(&connection->client, connection->address, PORT, packet,
	    4 + ALL_LENGTH + length);
}

static void
expect_from(struct connection *connection)
{
	struct client *client = &connection->client;

	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "no reply");
	ck_assert_str_eq(client->source, connection->address);
	ck_assert_uint_eq(client->port, PORT);
	ck_assert_int_eq(memcmp(client->data, "\x14\xa7\x5b", 3), 0);
}

/* Open with parameters after those of ALL, which come back. */
static void
open_with(struct connection *connection, const char *address, const char *more,
    size_t length)
{
	connection->address = address;
	connection->next = 0;
	client_open(
	    &connection->client, strchr(address, ':') ? "::" : "0.0.0.0");
	ask_to_open(connection, more, length);
	expect_from(connection);
	ck_assert_uint_eq(connection->client.length, 12 + ALL_LENGTH + length);
	ck_assert_uint_eq(connection->client.data[3], 3);
	memcpy(connection->token, connection->client.data + 4, 8);
	ck_assert_int_eq(
	    memcmp(connection->client.data + 12, ALL, ALL_LENGTH), 0);
}

/* The next packet, or one that closes. */
static void
send_next(struct connection *connection, unsigned char flags)
{
	unsigned char packet[HEADER] = "\x14\xa7\x5b";

	packet[3] = flags;
	memcpy(packet + 4, connection->token, 8);
	packet[12] = (unsigned char)connection->next++;
	client_send(&connection->client, connection->address, PORT, packet,
	    flags == 0 ? HEADER : 12);
}

/* Its reply; all before it had come. */
static void
expect_next(struct connection *connection)
{
	const unsigned char *data = connection->client.data;

	expect_from(connection);
	ck_assert_uint_eq(connection->client.length, HEADER);
	ck_assert_uint_eq(data[3], 2);
	ck_assert_int_eq(memcmp(data + 4, connection->token, 8), 0);
	ck_assert_uint_eq(little(data + 12, 4), connection->next - 1);
	ck_assert_uint_eq(little(data + 16, 4), connection->next);
	ck_assert_uint_eq(little(data + 20, 8),
	    connection->next < 64 ? (UINT64_C(1) << connection->next) - 1
				  : UINT64_MAX);
}

/* Every local address; the times are of one clock, and in order. */
START_TEST(test_source)
{
	const char *address = lan_places[_i % LAN_PLACES].address;
	struct connection connection;
	const unsigned char *data = connection.client.data;
	double before, after;
	struct server server;
	struct lan lan;
	int i;

	lan_new(&lan);
	start(&server, lan.server,
	    _i < LAN_PLACES ? "irtt=:2112" : "--stack=two irtt=:2112");
	open_with(&connection, address, "", 0);
	for (i = 0; i < 3; i++) {
		before = now();
		send_next(&connection, 0);
		expect_next(&connection);
		after = now();
		ck_assert_double_ge(seconds(data + 28), before - 1e-6);
		ck_assert_double_ge(seconds(data + 44), seconds(data + 28));
		ck_assert_double_le(seconds(data + 44), after + 1e-6);
		ck_assert_double_ge(seconds(data + 52), seconds(data + 36));
		ck_assert_int_eq(connection.client.ttl, 191);
	}
	/* What is closed is over, and the peer is not told so. */
	send_next(&connection, 4);
	send_next(&connection, 0);
	server_wait_counter(&server, "no-session", 1);
	ck_assert_uint_eq(server_counter(&server, "answered"), 4);
	server_stop(&server);
}
END_TEST

/* They arrived before the daemon could run, by both clocks. */
START_TEST(test_kernel_time)
{
	struct connection connection;
	const unsigned char *data = connection.client.data;
	double between, wall, monotonic;
	struct server server;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, "irtt=:2112");
	open_with(&connection, "192.0.2.1", "", 0);
	server_freeze(&server);
	send_next(&connection, 0);
	/* What was sent before has arrived. */
	client_expect_refused("192.0.2.1", 9999);
	between = now();
	server_thaw(&server);
	expect_next(&connection);
	ck_assert_double_lt(seconds(data + 28), between);
	ck_assert_double_ge(seconds(data + 44), between - 1e-6);
	wall = seconds(data + 44) - seconds(data + 28);
	monotonic = seconds(data + 52) - seconds(data + 36);
	ck_assert_double_ge(monotonic, wall - 1e-3);
	ck_assert_double_le(monotonic, wall + 1e-3);
	server_stop(&server);
}
END_TEST

/* The octet that was agreed on, for each client its own. */
START_TEST(test_tos)
{
	const char *address = _i == 0 ? "192.0.2.1" : "2001:db8:2::1";
	struct connection marked, plain;
	struct server server;
	struct lan lan;
	int i;

	lan_new(&lan);
	start(&server, lan.server, "irtt=:2112");
	open_with(&marked, address, "\x8\xf0\2", 3);
	open_with(&plain, address, "", 0);
	for (i = 0; i < 2; i++) {
		send_next(&marked, 0);
		send_next(&plain, 0);
		expect_next(&marked);
		expect_next(&plain);
		ck_assert_int_eq(marked.client.tos, 0xb8);
		ck_assert_int_eq(plain.client.tos, 0);
	}
	server_stop(&server);
}
END_TEST

/* A session is where its packets arrive, whatever the workers. */
START_TEST(test_workers)
{
	static const char *const lines[] = {
		"irtt=:2112",
		"-w 4 irtt=:2112",
		"-w 4 --cpu-affinity irtt=:2112",
	};
	static struct connection connections[8];
	struct server server;
	struct lan lan;
	int i, j;

	lan_new(&lan);
	start(&server, lan.server, lines[_i]);
	for (j = 0; j < COUNT(connections); j++)
		open_with(&connections[j],
		    j % 2 == 0 ? "192.0.2.2" : "2001:db8:1::2", "", 0);
	for (i = 0; i < 70; i++)
		for (j = 0; j < COUNT(connections); j++) {
			send_next(&connections[j], 0);
			expect_next(&connections[j]);
		}
	server_stop(&server);
}
END_TEST

/* Two at a time; a reload does not end one, but makes no room. */
START_TEST(test_bounded)
{
	static struct connection connections[3];
	struct server server = { .netns = -1 };
	char *file, line[256];
	struct lan lan;
	int i;

	lan_new(&lan);
	file = reload_file("[irtt]\nlisten = :2112\nsessions = 2\n"
			   "sessions-per-network = 2\n");
	snprintf(line, sizeof(line), "-c %s", file);
	start(&server, lan.server, line);
	for (i = 0; i < 3; i++)
		open_with(&connections[i], "198.51.100.1", "", 0);
	for (i = 0; i < 3; i++) {
		send_next(&connections[i], 0);
		if (i < 2)
			expect_next(&connections[i]);
	}
	server_wait_counter(&server, "no-space", 1);
	reload_write(file,
	    "[irtt]\nlisten = :2112\nsessions = 2\n"
	    "sessions-per-network = 2\nmax-duration = 60m\n");
	reload_now(&server, true);
	ask_to_open(&connections[2], "", 0);
	server_wait_counter(&server, "no-space", 2);
	for (i = 0; i < 2; i++) {
		send_next(&connections[i], 0);
		expect_next(&connections[i]);
	}
	send_next(&connections[0], 4);
	open_with(&connections[2], "198.51.100.1", "", 0);
	send_next(&connections[2], 0);
	expect_next(&connections[2]);
	server_stop(&server);
	free(file);
}
END_TEST

/* Another server, or a client that uses its port: what matters is the packet.
 */
START_TEST(test_ports)
{
	static struct connection connection = { .address = "192.0.2.1" };
	struct server server;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, "irtt=:2112");
	client_open_at(&connection.client, "0.0.0.0", PORT);
	ask_to_open(&connection, "", 0);
	expect_from(&connection);
	/* And what it said, said to it. */
	client_send(&connection.client, "192.0.2.1", PORT,
	    connection.client.data, connection.client.length);
	server_wait_counter(&server, "not-request", 1);
	ck_assert_uint_eq(server_counter(&server, "answered"), 1);
	server_stop(&server);
}
END_TEST

/* mhprobe asks what it would get, which begins nothing. */
START_TEST(test_probe)
{
	static struct probe probe;
	struct server server;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, "--irtt-sessions=1 irtt=:2112");
	probe_check(&probe, 0, "5 targets: 5 ok",
	    "-c 3 irtt 192.0.2.1 192.0.2.2 198.51.100.1 2001:db8:1::1 "
	    "2001:db8:2::1");
	ck_assert_uint_eq(server_counter(&server, "answered"), 15);
	server_stop(&server);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("irtt");
	TCase *tcase = harness_case(suite, "irtt");

	tcase_add_loop_test(tcase, test_source, 0, 2 * LAN_PLACES);
	tcase_add_test(tcase, test_kernel_time);
	tcase_add_loop_test(tcase, test_tos, 0, 2);
	tcase_add_loop_test(tcase, test_workers, 0, 3);
	tcase_add_test(tcase, test_bounded);
	tcase_add_test(tcase, test_ports);
	tcase_add_test(tcase, test_probe);
	return harness_main(suite);
}
