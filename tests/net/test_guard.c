/* SPDX-License-Identifier: ISC */
/*
 * Requests that nobody may answer, made by hand with raw sockets: from port 0,
 * from nowhere, from the daemon's own endpoints.
 */
#include "build.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* -- packets made by hand -- */

struct packet {
	const char *from, *to;
	unsigned int from_port, to_port;
};

static const char payload[] = "made by hand";

#define UDP_LENGTH (sizeof(struct udphdr) + sizeof(payload))

/* The sum of 16-bit words, not yet folded; length is even. */
static uint32_t
sum_words(uint32_t sum, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (length % 2 != 0)
		sum += (uint32_t)bytes[length - 1] << 8;
	return sum;
}

static void
fill_udp(const struct packet *packet, uint8_t udp[UDP_LENGTH])
{
	struct udphdr header = { .uh_sport = htons(packet->from_port),
		.uh_dport = htons(packet->to_port),
		.uh_ulen = htons(UDP_LENGTH) };

	memcpy(udp, &header, sizeof(header));
	memcpy(udp + sizeof(header), payload, sizeof(payload));
}

static void
send_raw(int family, const struct sockaddr *to, socklen_t to_length,
    const void *data, size_t length)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int on = 1;

	ck_assert_msg(fd >= 0, "raw socket: %s", strerror(errno));
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)), 0);
	if (family == AF_INET6)
		ck_assert_int_eq(
		    setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on)),
		    0);
	ck_assert_msg(
	    sendto(fd, data, length, 0, to, to_length) == (ssize_t)length,
	    "send raw: %s", strerror(errno));
	close(fd);
}

/* IPv4 takes a UDP checksum of 0 for none. */
static void
send_ipv4(const struct packet *packet)
{
	uint8_t bytes[sizeof(struct iphdr) + UDP_LENGTH];
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct iphdr ip = { .version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(bytes)) };

	ck_assert_int_eq(inet_pton(AF_INET, packet->from, &ip.saddr), 1);
	ck_assert_int_eq(inet_pton(AF_INET, packet->to, &ip.daddr), 1);
	to.sin_addr.s_addr = ip.daddr;
	memcpy(bytes, &ip, sizeof(ip));
	fill_udp(packet, bytes + sizeof(ip));
	send_raw(
	    AF_INET, (struct sockaddr *)&to, sizeof(to), bytes, sizeof(bytes));
}

static void
send_ipv6(const struct packet *packet)
{
	uint8_t bytes[sizeof(struct ip6_hdr) + UDP_LENGTH];
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	struct ip6_hdr ip = { .ip6_hlim = 64,
		.ip6_nxt = IPPROTO_UDP,
		.ip6_plen = htons(UDP_LENGTH) };
	uint8_t *udp = bytes + sizeof(ip);
	uint16_t checksum;
	uint32_t sum;

	ip.ip6_vfc = 6 << 4;
	ck_assert_int_eq(inet_pton(AF_INET6, packet->from, &ip.ip6_src), 1);
	ck_assert_int_eq(inet_pton(AF_INET6, packet->to, &ip.ip6_dst), 1);
	to.sin6_addr = ip.ip6_dst;
	if (IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr))
		to.sin6_scope_id = if_nametoindex("v0");
	memcpy(bytes, &ip, sizeof(ip));
	fill_udp(packet, udp);
	sum = sum_words(IPPROTO_UDP + UDP_LENGTH, &ip.ip6_src, 32);
	sum = sum_words(sum, udp, UDP_LENGTH);
	sum = (sum & 0xffff) + (sum >> 16);
	checksum = htons((uint16_t) ~((sum & 0xffff) + (sum >> 16)));
	memcpy(
	    udp + offsetof(struct udphdr, uh_sum), &checksum, sizeof(checksum));
	send_raw(
	    AF_INET6, (struct sockaddr *)&to, sizeof(to), bytes, sizeof(bytes));
}

static void
send_packet(const struct packet *packet)
{
	if (strchr(packet->to, ':'))
		send_ipv6(packet);
	else
		send_ipv4(packet);
}

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

/* It was dropped, for this reason, and the daemon lives. */
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

/* -- a packet that is fine is answered: so the others were dropped for what
 * they are -- */

START_TEST(test_good)
{
	const bool ipv6 = _i % 2 != 0;
	struct packet packet = { .from_port = 4711 };
	struct scene scene;

	scene_open(&scene, stacks[_i / 2], ipv6);
	packet.from = ipv6 ? "2001:db8:1::100" : "192.0.2.100";
	packet.to = ipv6 ? "2001:db8:1::1" : "192.0.2.1";
	packet.to_port = scene.port;
	send_packet(&packet);
	client_ask(&scene.client, packet.to, scene.port);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 2);
	server_stop(&scene.server);
}

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
	send_packet(&packet);
	expect_dropped(&scene, nowhere[_i].counter, nowhere[_i].ask);
}

/* As a host asks that has no address yet: from 0.0.0.0 to everybody. */
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
 * An answer would be a request again, for ever.  From and to the same service,
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
	send_packet(&packet);
	netns_enter(scene.lan.client);
	expect_dropped(
	    &scene, "own-endpoint", ipv6 ? "2001:db8:1::1" : "192.0.2.1");
}

START_TEST(test_own_endpoint)
{
	ask_ourselves(_i, "echo=:0", "echo");
}

START_TEST(test_own_endpoint_two)
{
	ask_ourselves(_i, "--stack two echo=:0", "echo");
}

START_TEST(test_own_other_service)
{
	ask_ourselves(_i, "echo=:0 whoami=:0", "whoami");
}

/*
 * Both ends are addresses that the system knows by a route only, so no list of
 * interfaces has them.  Over IPv6 this may come from anywhere.
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
	send_packet(&packet);
	netns_enter(scene.lan.client);
	server_wait_counter(&scene.server, "dropped", 1);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 1);
	server_stop(&scene.server);
}

/* -- more than was given -- */

static const char *const asked[] = { "192.0.2.1", "2001:db8:1::1" };

/* A stranger's short request is worth no long answer. */
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
	tcase_add_loop_test(tcase, test_too_long, 0, COUNT(asked));
	return suite;
}

int
main(void)
{
	return harness_main(guard_suite());
}
