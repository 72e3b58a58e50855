/* SPDX-License-Identifier: ISC */
/*
 * stamp over real sockets: the source of replies, the kernel's times, TTL and
 * DSCP, sessions with several workers, and that no two reflectors keep each
 * other busy.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "packet.h"
#include "probe.h"
#include "reload.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define PACKET 44
#define PORT 862

static uint32_t
get32(const unsigned char *at)
{
	uint32_t number;

	memcpy(&number, at, 4);
	return ntohl(number);
}

static void
put32(unsigned char *at, uint32_t number)
{
	number = htonl(number);
	memcpy(at, &number, 4);
}

/* Seconds since 1900 and their fraction, in seconds since 1970. */
static double
time_at(const unsigned char *at)
{
	return get32(at) - 2208988800.0 + get32(at + 4) / 4294967296.0;
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

/* A packet of that number, with more after the base. */
static void
send_packet(struct client *client, const char *address, uint32_t number,
    const void *more, size_t length)
{
	unsigned char packet[PACKET + 256] = "";

	put32(packet, number);
	packet[13] = 1;
	packet[15] = 0x34;
	memcpy(packet + PACKET, more, length);
	client_send(client, address, PORT, packet, PACKET + length);
}

/* The reply comes from there, and repeats what is the sender's. */
static void
expect_reply(struct client *client, const char *address, uint32_t number)
{
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "no reply");
	ck_assert_str_eq(client->source, address);
	ck_assert_uint_eq(client->port, PORT);
	ck_assert_uint_ge(client->length, PACKET);
	ck_assert_uint_eq(get32(client->data + 24), number);
	ck_assert_uint_eq(client->data[15], 0x34);
	ck_assert_uint_ne(client->data[13], 0);
}

/* Every address, link-local and on lo, with the TTL that packets arrive with.
 */
static const char *const addresses[] = { "192.0.2.1", "192.0.2.2",
	"198.51.100.1", "203.0.113.77", "2001:db8:1::1", "2001:db8:1::2",
	"2001:db8:2::1", "fe80::1%v0" };

START_TEST(test_source)
{
	const char *address = addresses[_i % COUNT(addresses)];
	double before, after, arrived, left;
	struct server server;
	struct client client;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server,
	    _i < COUNT(addresses) ? "stamp=:862" : "--stack=two stamp=:862");
	client_open(&client, strchr(address, ':') ? "::" : "0.0.0.0");
	before = now();
	send_packet(&client, address, 7, "", 0);
	expect_reply(&client, address, 7);
	after = now();
	ck_assert_uint_eq(client.length, PACKET);
	ck_assert_uint_eq(get32(client.data), 7);
	ck_assert_uint_eq(client.data[40], 64);
	ck_assert_int_eq(client.ttl, 191);
	/* Of the same clock; NTP's fraction is rounded down. */
	arrived = time_at(client.data + 16);
	left = time_at(client.data + 4);
	ck_assert_double_ge(arrived, before - 1e-6);
	ck_assert_double_ge(left, arrived);
	ck_assert_double_le(left, after);
	server_stop(&server);
}
END_TEST

/* Requests come by v0, or the link named; replies go by another way. */
static const struct {
	const char *from, *asked, *leaves_by;
} ways[] = {
	{ LAN_FAR_IPV4, "192.0.2.1", "v0" },
	{ LAN_FAR_IPV4, "198.18.0.1", "v1" },
	{ LAN_FAR_IPV4, "198.51.100.1", "v1" },
	{ LAN_FAR_IPV4, "203.0.113.77", "v0" },
	{ LAN_FAR_IPV6, "2001:db8:1::2", "v0" },
	{ LAN_FAR_IPV6, "2001:db8:3::1", "v1" },
	{ LAN_FAR_IPV6, "2001:db8:2::1", "v1" },
	{ "::", "fe80::1%v0", "v0" },
	{ "::", "fe80::1%v1", "v1" },
};

static const char *const modes[] = { "stamp=:862", "--stack=two stamp=:862",
	"-w 2 --stamp-mode=stateful stamp=:862" };

START_TEST(test_asymmetric_routes)
{
	const char *asked = ways[_i % COUNT(ways)].asked;
	char name[IF_NAMESIZE];
	struct server server;
	struct client client;
	struct lan lan;
	uint32_t i;

	lan_two_uplinks(&lan);
	start(&server, lan.server, modes[_i / COUNT(ways)]);
	client_open(&client, ways[_i % COUNT(ways)].from);
	for (i = 0; i < 3; i++) {
		send_packet(&client, asked, i, "", 0);
		expect_reply(&client, asked, i);
		ck_assert_uint_eq(get32(client.data), i);
		ck_assert_ptr_nonnull(if_indextoname(client.if_index, name));
		ck_assert_str_eq(name, ways[_i % COUNT(ways)].leaves_by);
	}
	ck_assert_uint_eq(server_counter(&server, "unpinned"), 0);
	server_stop(&server);
}
END_TEST

/* It arrived before the daemon could run, and left when it did. */
START_TEST(test_kernel_time)
{
	struct server server;
	struct client client;
	struct lan lan;
	double between;

	lan_new(&lan);
	start(&server, lan.server, "stamp=:862");
	client_open(&client, "0.0.0.0");
	server_freeze(&server);
	send_packet(&client, "192.0.2.1", 1, "", 0);
	/* What was sent before has arrived. */
	client_expect_refused("192.0.2.1", 9999);
	between = now();
	server_thaw(&server);
	expect_reply(&client, "192.0.2.1", 1);
	ck_assert_double_lt(time_at(client.data + 16), between);
	ck_assert_double_ge(time_at(client.data + 4), between - 1e-6);
	server_stop(&server);
}
END_TEST

/* The reply really has the DSCP that was asked for; and 255 without a mark. */
static const struct {
	const char *line;
	int tos, ttl;
	unsigned char refused;
} classes[] = {
	{ "stamp=:862", 10 << 2, 191, 0 },
	{ "--mark-replies=no stamp=:862", 10 << 2, 255, 0 },
	{ "--stamp-dscp=no stamp=:862", 0, 191, 1 },
};

START_TEST(test_class_of_service)
{
	static const unsigned char ask[] = { 0x80, 4, 0, 4, 10 << 2, 0, 0, 0 };
	const char *address = _i % 2 == 0 ? "192.0.2.1" : "2001:db8:1::1";
	const int tos = 46 << 2;
	struct server server;
	struct client client;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, classes[_i / 2].line);
	client_open(&client, strchr(address, ':') ? "::" : "0.0.0.0");
	send_packet(&client, address, 1, ask, sizeof(ask));
	expect_reply(&client, address, 1);
	ck_assert_uint_eq(client.length, PACKET + sizeof(ask));
	ck_assert_int_eq(client.tos, classes[_i / 2].tos);
	ck_assert_int_eq(client.ttl, classes[_i / 2].ttl);
	ck_assert_uint_eq(client.data[PACKET], 0);
	ck_assert_uint_eq(client.data[PACKET + 5] & 3, classes[_i / 2].refused);
	/* The next one has none of that, or its own. */
	send_packet(&client, address, 2, "", 0);
	expect_reply(&client, address, 2);
	ck_assert_int_eq(client.tos, 0);
	if (strchr(address, ':') != NULL)
		ck_assert_int_eq(setsockopt(client.fd, IPPROTO_IPV6,
				     IPV6_TCLASS, &tos, sizeof(tos)),
		    0);
	else
		ck_assert_int_eq(setsockopt(client.fd, IPPROTO_IP, IP_TOS, &tos,
				     sizeof(tos)),
		    0);
	send_packet(&client, address, 3, "", 0);
	expect_reply(&client, address, 3);
	ck_assert_int_eq(client.tos, 46 << 2);
	server_stop(&server);
}
END_TEST

/*
 * One session, whichever worker the system chooses and whichever processor the
 * packets come from.
 */
START_TEST(test_sessions)
{
	static const char *const lines[] = {
		"--stamp-mode=stateful stamp=:862",
		"-w 4 --stamp-mode=stateful stamp=:862",
		"-w 4 --cpu-affinity --stamp-mode=stateful stamp=:862",
	};
	struct server server;
	struct client clients[8];
	struct lan lan;
	uint32_t i, j;

	lan_new(&lan);
	start(&server, lan.server, lines[_i]);
	for (j = 0; j < COUNT(clients); j++)
		client_open(&clients[j], "0.0.0.0");
	for (i = 0; i < 20; i++)
		for (j = 0; j < COUNT(clients); j++) {
			/* The tenth is lost. */
			send_packet(&clients[j], "192.0.2.1",
			    i < 10 ? i : i + 1, "", 0);
			expect_reply(
			    &clients[j], "192.0.2.1", i < 10 ? i : i + 1);
			ck_assert_uint_eq(get32(clients[j].data), i);
		}
	server_stop(&server);
}
END_TEST

/* What a Follow-Up Telemetry TLV after the base says. */
static void
expect_follow_up(const struct client *client, uint32_t number, bool has_time)
{
	const unsigned char *tlv = client->data + PACKET;

	ck_assert_uint_eq(client->length, PACKET + 20);
	ck_assert_uint_eq(get32(tlv), 0x00070010);
	ck_assert_uint_eq(get32(tlv + 4), number);
	ck_assert_int_eq(get32(tlv + 8) != 0 || get32(tlv + 12) != 0, has_time);
	ck_assert_uint_eq(get32(tlv + 16), has_time ? 0x02000000 : 0);
}

/*
 * When a reply left, says the next one: by the kernel's clock, after it was
 * made and before it arrived.
 */
static const struct {
	const char *line, *address;
	bool has_time;
} follow_ups[] = {
	{ "--stamp-mode=stateful stamp=:862", "192.0.2.1", true },
	{ "--stamp-mode=stateful stamp=:862", "2001:db8:2::1", true },
	{ "-w 4 --stamp-mode=stateful stamp=:862", "198.51.100.1", true },
	{ "--busy-poll=50 --stamp-mode=stateful stamp=:862", "192.0.2.2",
	    true },
	{ "--stack=two --stamp-mode=stateful stamp=:862", "192.0.2.1", true },
	{ "stamp=:862", "192.0.2.1", false },
};

START_TEST(test_follow_up)
{
	static const unsigned char ask[20] = { 0x80, 7, 0, 16 };
	const char *address = follow_ups[_i].address;
	const bool has_time = follow_ups[_i].has_time;
	double made, arrived, left;
	struct server server;
	struct client client;
	struct lan lan;
	uint32_t i;

	lan_new(&lan);
	start(&server, lan.server, follow_ups[_i].line);
	client_open(&client, strchr(address, ':') ? "::" : "0.0.0.0");
	send_packet(&client, address, 5, ask, sizeof(ask));
	expect_reply(&client, address, 5);
	arrived = now();
	expect_follow_up(&client, 0, false);
	for (i = 0; i < 100; i++) {
		made = time_at(client.data + 4);
		send_packet(&client, address, 6 + i, ask, sizeof(ask));
		expect_reply(&client, address, 6 + i);
		expect_follow_up(&client, has_time ? i : 0, has_time);
		left = time_at(client.data + PACKET + 8);
		if (has_time) {
			ck_assert_double_ge(left, made - 1e-6);
			ck_assert_double_le(left, arrived);
		}
		arrived = now();
	}
	ck_assert_uint_eq(server_counter(&server, "answered"), 101);
	server_stop(&server);
}
END_TEST

/* Two sessions at a time; a reload does not end one, but makes no room. */
START_TEST(test_bounded)
{
	struct server server = { .netns = -1 };
	struct client clients[3];
	char *file, line[256];
	struct lan lan;
	int i;

	lan_new(&lan);
	file = reload_file("[stamp]\nlisten = :862\nmode = stateful\n"
			   "sessions = 2\nsessions-per-network = 2\n");
	snprintf(line, sizeof(line), "-c %s", file);
	start(&server, lan.server, line);
	for (i = 0; i < 3; i++) {
		client_open(&clients[i], "0.0.0.0");
		send_packet(&clients[i], "192.0.2.1", 5, "", 0);
		if (i < 2)
			expect_reply(&clients[i], "192.0.2.1", 5);
	}
	server_wait_counter(&server, "no-space", 1);
	reload_now(&server, true);
	send_packet(&clients[2], "192.0.2.1", 6, "", 0);
	server_wait_counter(&server, "no-space", 2);
	send_packet(&clients[0], "192.0.2.1", 6, "", 0);
	expect_reply(&clients[0], "192.0.2.1", 6);
	ck_assert_uint_eq(get32(clients[0].data), 1);
	/* More of them: a new table. */
	reload_write(file,
	    "[stamp]\nlisten = :862\nmode = stateful\n"
	    "sessions = 3\nsessions-per-network = 3\n");
	reload_now(&server, true);
	send_packet(&clients[2], "192.0.2.1", 7, "", 0);
	expect_reply(&clients[2], "192.0.2.1", 7);
	ck_assert_uint_eq(get32(clients[2].data), 0);
	server_stop(&server);
	free(file);
}
END_TEST

/* From the port of another reflector, and from one of our own. */
START_TEST(test_refused_ports)
{
	struct packet packet = { .from = "192.0.2.100",
		.to = "192.0.2.1",
		.from_port = PORT,
		.to_port = 7862,
		.length = PACKET };
	struct server server;
	struct lan lan;

	lan_new(&lan);
	start(&server, lan.server, "stamp=:7862");
	packet_send(&packet);
	packet.from_port = 7862;
	packet_send(&packet);
	server_wait_counter(&server, "refused-port", 2);
	ck_assert_uint_eq(server_counter(&server, "answered"), 0);
	server_stop(&server);
}
END_TEST

/*
 * A forged packet makes one reflector answer another.  On ports that neither
 * refuses, and with replies that are not marked, that ends at the first reply.
 */
static const struct {
	const char *options;
	const char *reason;
} pairs[] = {
	{ "", "responder" },
	{ "--mark-replies=no ", "not-request" },
	{ "--mark-replies=no --stamp-timestamp=ptp ", "not-request" },
	{ "--mark-replies=no --stamp-mode=stateful ", "not-request" },
};

START_TEST(test_two_reflectors)
{
	struct packet packet = { .from = "192.0.2.100",
		.to = "192.0.2.1",
		.from_port = 7863,
		.to_port = 7862,
		.length = PACKET };
	struct server here, there;
	char line[128];
	struct lan lan;

	lan_new(&lan);
	snprintf(line, sizeof(line), "%sstamp=:7862", pairs[_i].options);
	start(&there, lan.server, line);
	snprintf(line, sizeof(line), "%sstamp=:7863", pairs[_i].options);
	start(&here, lan.client, line);
	packet_send(&packet);
	server_wait_counter(&here, pairs[_i].reason, 1);
	ck_assert_uint_eq(server_counter(&here, "received"), 1);
	ck_assert_uint_eq(server_counter(&there, "received"), 1);
	ck_assert_uint_eq(server_counter(&there, "answered"), 1);
	server_stop(&here);
	server_stop(&there);
}
END_TEST

#define SECRET \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#define SIGNED 112

/* Number 7, signed with that. */
static void
put_signed(unsigned char packet[SIGNED])
{
	static const unsigned char signature[] = { 0x39, 0x62, 0x20, 0xa0, 0x58,
		0x01, 0x3f, 0x61, 0x65, 0x4d, 0x4d, 0xaa, 0x8a, 0x29, 0x35,
		0xaf };

	memset(packet, 0, SIGNED);
	packet[3] = 7;
	put32(packet + 16, 0xeeb2ea13);
	packet[20] = 0x80;
	put32(packet + 24, 0x81051234);
	memcpy(packet + 96, signature, sizeof(signature));
}

/* Signed packets alone are answered; the key is in no log. */
START_TEST(test_authenticated)
{
	unsigned char packet[SIGNED];
	char *key = reload_file("HEX:%s\n", SECRET), line[256], *log;
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	put_signed(packet);
	lan_new(&lan);
	snprintf(line, sizeof(line),
	    "--log-level=debug --stamp-authenticated --stamp-key=%s stamp=:862",
	    key);
	server.netns = lan.server;
	if (!harness_needs(NET_NETTLE, "nettle")) {
		ck_assert_int_ne(server_run(&server, line), 0);
		free(key);
		return;
	}
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	packet[80] = 1;
	client_send(&client, "192.0.2.1", PORT, packet, sizeof(packet));
	packet[80] = 0;
	client_send(&client, "192.0.2.1", PORT, packet, PACKET);
	client_send(&client, "192.0.2.1", PORT, packet, sizeof(packet));
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	ck_assert_uint_eq(client.length, sizeof(packet));
	ck_assert_uint_eq(get32(client.data + 48), 7);
	ck_assert_uint_eq(server_counter(&server, "not-authentic"), 1);
	ck_assert_uint_eq(server_counter(&server, "malformed"), 1);
	ck_assert_uint_eq(server_counter(&server, "answered"), 1);
	log = server_log(&server);
	ck_assert_ptr_null(strstr(log, "0a0b0c0d"));
	free(log);
	server_stop(&server);
	free(key);
}
END_TEST

/* T3 - T2 of a reply, in 2^-32 seconds; where they are. */
static uint64_t
residence(const struct client *client, size_t t3, size_t t2)
{
	const unsigned char *data = client->data;

	return ((uint64_t)get32(data + t3) << 32 | get32(data + t3 + 4)) -
	    ((uint64_t)get32(data + t2) << 32 | get32(data + t2 + 4));
}

static struct web_answer page;

/* The value of that metric, with those labels after the ones of all; or -1. */
static double
metric(const char *name, const char *labels)
{
	char start[256];
	const char *at;

	snprintf(start, sizeof(start),
	    "\nmultihomed_%s{service=\"stamp\",endpoint=\"[::]:862\",%s} ",
	    name, labels);
	at = strstr(page.text, start);
	return at != NULL ? strtod(at + strlen(start), NULL) : -1;
}

/* These packets are all of that mode, with that sum of T3 - T2 in replies. */
static void
expect_mode(const char *mode, unsigned int packets, uint64_t sum)
{
	char labels[64], any[96];

	snprintf(labels, sizeof(labels), "mode=\"%s\"", mode);
	snprintf(any, sizeof(any), "%s,le=\"+Inf\"", labels);
	ck_assert_double_eq(metric("test_packets_total", labels), packets);
	ck_assert_double_eq(metric("residence_seconds_count", labels), packets);
	ck_assert_double_eq(metric("residence_seconds_bucket", any), packets);
	/* Arrivals are kept to 8 ns; packets have both times rounded down. */
	ck_assert_double_eq_tol(metric("residence_seconds_sum", labels),
	    (double)sum / 4294967296.0, 9e-9 * (packets + 1));
}

/* What the daemon has counted of the turns until now. */
static void
get_metrics(struct server *server)
{
	(void)server_counter(server, "answered");
	ck_assert_int_eq(web_get(&page, server->http_port, "/metrics"), 200);
}

#define LOST "test_packets_lost_total"
#define UP "\"unauthenticated\",direction=\"up\""

/* A stateful reflector sees what is lost on the way there; others do not. */
START_TEST(test_metrics)
{
	struct server server;
	struct client client;
	uint64_t sum = 0;
	struct lan lan;
	uint32_t i;

	lan_new(&lan);
	start(&server, lan.server,
	    _i == 0 ? "--http=127.0.0.1:0 -w 2 --stamp-mode=stateful stamp=:862"
		    : "--http=127.0.0.1:0 stamp=:862");
	client_open(&client, "0.0.0.0");
	netns_enter(lan.server);
	/* Neither 1 nor 2 arrives, which is certain with 66. */
	for (i = 0; i <= 66; i += i == 0 ? 3 : 1) {
		send_packet(&client, "192.0.2.1", i, "", 0);
		expect_reply(&client, "192.0.2.1", i);
		sum += residence(&client, 4, 16);
	}
	get_metrics(&server);
	expect_mode("unauthenticated", 65, sum);
	expect_mode("authenticated", 0, 0);
	ck_assert_double_eq(metric(LOST, "mode=" UP), _i == 0 ? 2 : -1);
	ck_assert_ptr_null(strstr(page.text, "direction=\"down\""));
	server_stop(&server);
}
END_TEST

START_TEST(test_metrics_authenticated)
{
	char *key = reload_file("HEX:%s\n", SECRET), line[256];
	unsigned char packet[SIGNED];
	struct server server;
	struct client client;
	struct lan lan;

	if (!harness_needs(NET_NETTLE, "nettle")) {
		free(key);
		return;
	}
	put_signed(packet);
	lan_new(&lan);
	snprintf(line, sizeof(line),
	    "--http=127.0.0.1:0 --stamp-authenticated --stamp-key=%s "
	    "stamp=:862",
	    key);
	start(&server, lan.server, line);
	client_open(&client, "0.0.0.0");
	netns_enter(lan.server);
	/* Not of the mode: too short. */
	client_send(&client, "192.0.2.1", PORT, packet, PACKET);
	client_send(&client, "192.0.2.1", PORT, packet, sizeof(packet));
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	get_metrics(&server);
	expect_mode("authenticated", 1, residence(&client, 16, 32));
	expect_mode("unauthenticated", 0, 0);
	server_stop(&server);
	free(key);
}
END_TEST

/*
 * mhprobe can tell where packets were lost: of 20 numbered from 0, each fourth
 * does not get there, and of the answers each fifth does not get back.
 */
START_TEST(test_directions)
{
	static struct probe probe;
	struct server server;
	struct lan lan;

	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	start(&server, lan.server, "--stamp-mode=stateful stamp=:862");
	netns_shell(lan.server,
	    "nft 'table inet t { chain i { type filter hook input priority 0; "
	    "udp dport 862 numgen inc mod 4 == 1 drop; }; }'");
	netns_shell(lan.client,
	    "nft 'table inet t { chain i { type filter hook input priority 0; "
	    "udp sport 862 numgen inc mod 5 == 2 drop; }; }'");
	probe_check(&probe, 0, "\"lost_there\":5,\"lost_back\":3,",
	    "-c 20 -i 0.001 -W 5 --json --tlv direct,location,cos,node,time "
	    "--dscp 10 stamp 198.51.100.1");
	probe_shows(&probe, " ask 198.51.100.1:862");
	probe_shows(&probe, "DSCP 10 and ECN 0 there");
	probe_shows(&probe, "confirms its address");
	probe_shows(&probe, "\"there_ms\":{\"min\":");
	netns_shell(lan.client, "nft delete table inet t");
	netns_shell(lan.server, "nft delete table inet t");
	server_stop(&server);
}
END_TEST

/* A reflector that has a key, a client beside it, and a key that is another. */
struct keyed {
	struct server server;
	char *key, *other;
};

/* False: it cannot be done here. */
static bool
keyed_start(struct keyed *keyed, const char *options)
{
	char line[256];
	struct lan lan;

	if (!harness_needs(NET_NETTLE, "nettle"))
		return false;
	keyed->key = reload_file("HEX:%s\n", SECRET);
	keyed->other = reload_file("HEX:ff%s\n", SECRET);
	lan_new(&lan);
	snprintf(line, sizeof(line), "%s --stamp-key=%s stamp=:862", options,
	    keyed->key);
	start(&keyed->server, lan.server, line);
	return true;
}

static void
keyed_stop(struct keyed *keyed)
{
	server_stop(&keyed->server);
	free(keyed->key);
	free(keyed->other);
}

/* Whoever has the key is answered, and knows that the answer is genuine. */
START_TEST(test_probe_signs)
{
	static struct probe probe;
	struct keyed keyed;

	if (!keyed_start(&keyed, "--stamp-authenticated"))
		return;
	probe_check(&probe, 0, "confirms its address",
	    "-c 1 --tlv node,cos --key %s stamp 192.0.2.1 2001:db8:2::1",
	    keyed.key);
	ck_assert_ptr_null(strstr(probe.output, "authentic"));
	probe_check(&probe, 2, "no answer",
	    "-c 1 -W 0.2 --key %s stamp 192.0.2.1", keyed.other);
	probe_check(
	    &probe, 2, "no answer", "-c 1 -W 0.2 -s 112 stamp 192.0.2.1");
	ck_assert_uint_eq(server_counter(&keyed.server, "not-authentic"), 2);
	keyed_stop(&keyed);
}
END_TEST

/* A reflector that has a key, but asks for no packets that are signed. */
START_TEST(test_probe_signs_tlvs)
{
	static struct probe probe;
	struct keyed keyed;

	if (!keyed_start(&keyed, ""))
		return;
	probe_check(&probe, 2, "no answer",
	    "-c 1 -W 0.2 --key %s stamp 192.0.2.1", keyed.key);
	probe_check(&probe, 0, "confirms its address",
	    "-c 1 --tlv node,hmac --key %s stamp 192.0.2.1 2001:db8:2::1",
	    keyed.key);
	ck_assert_ptr_null(strstr(probe.output, "authentic"));
	probe_check(&probe, 0, "says TLVs are not authentic",
	    "-c 1 --tlv node,hmac --key %s stamp 192.0.2.1", keyed.other);
	keyed_stop(&keyed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stamp");
	TCase *tcase = harness_case(suite, "stamp");

	tcase_add_loop_test(tcase, test_source, 0, 2 * COUNT(addresses));
	tcase_add_loop_test(
	    tcase, test_asymmetric_routes, 0, COUNT(ways) * COUNT(modes));
	tcase_add_test(tcase, test_kernel_time);
	tcase_add_loop_test(
	    tcase, test_class_of_service, 0, 2 * COUNT(classes));
	tcase_add_loop_test(tcase, test_sessions, 0, 3);
	tcase_add_loop_test(tcase, test_follow_up, 0, COUNT(follow_ups));
	tcase_add_test(tcase, test_bounded);
	tcase_add_test(tcase, test_refused_ports);
	tcase_add_loop_test(tcase, test_two_reflectors, 0, COUNT(pairs));
	tcase_add_test(tcase, test_authenticated);
	tcase_add_loop_test(tcase, test_metrics, 0, 2);
	tcase_add_test(tcase, test_metrics_authenticated);
	tcase_add_test(tcase, test_directions);
	tcase_add_test(tcase, test_probe_signs);
	tcase_add_test(tcase, test_probe_signs_tlvs);
	return harness_main(suite);
}
