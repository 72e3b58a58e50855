/* SPDX-License-Identifier: ISC */
/*
 * Replies longer than the narrowest link of their path, and requests of
 * mhprobe's that are.  IPv4: routers cut them.  IPv6: their sender does, once
 * it knows how long they may be; the first is lost for that.
 */
#include "build.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define FAR "203.0.115.1"
#define FAR6 "2001:db8:a::1"

/* After this long without an answer, ask again. */
#define AGAIN_MS 100

static struct probe probe;
static struct client client;
static struct lan lan;
static unsigned char bytes[4000];

/*
 * A host that is two routers away: FAR and FAR6.  The link between the routers
 * is narrower than those of the two hosts.  Returns its namespace.
 */
static int
far_new(unsigned int mtu)
{
	int router = netns_new(), far = netns_new();

	lan_new(&lan);
	lan_behind(&lan, router, mtu);
	netns_ip(router,
	    "link add v3 index 13 type veth peer name v3 netns %s\n",
	    netns_path(far));
	netns_hurry(router, "v3");
	netns_hurry(far, "v3");
	netns_sysctl(router, "ipv4/ip_forward", "1");
	netns_sysctl(router, "ipv6/conf/all/forwarding", "1");
	netns_ip(router,
	    "addr add 203.0.115.254/24 dev v3\n"
	    "addr add 2001:db8:a::fe/64 dev v3 nodad\n"
	    "link set v3 up\n");
	netns_ip(far,
	    "addr add " FAR "/24 dev v3\n"
	    "addr add " FAR6 "/64 dev v3 nodad\n"
	    "link set v3 up\n"
	    "route add default via 203.0.115.254\n"
	    "route add ::/0 via 2001:db8:a::fe\n");
	netns_ip(lan.server,
	    "route add 203.0.115.0/24 via 203.0.114.1\n"
	    "route add 2001:db8:a::/64 via 2001:db8:9::1\n");
	netns_ip(lan.client,
	    "route add 203.0.115.0/24 via 192.0.2.1\n"
	    "route add 2001:db8:a::/64 via 2001:db8:1::1\n");
	client_expect_refused(FAR, 9);
	client_expect_refused(FAR6, 9);
	return far;
}

/* Ask until there is an answer. */
static void
ask_until_answered(const char *address, size_t length)
{
	long long end = harness_now() + HARNESS_PATIENCE_MS;

	do {
		ck_assert_msg(harness_now() < end,
		    "%s: no answer of %zu bytes, ever", address, length);
		memset(bytes, (int)('a' + client.asked++ % 26), length);
		client_send(&client, address, 7, bytes, length);
	} while (!client_receive(&client, AGAIN_MS));
	/* Answers that were late are none to what follows. */
	while (client_receive(&client, AGAIN_MS))
		continue;
}

/*
 * Replies.
 */

static const struct {
	const char *options;
	const char *address;
	size_t length;
} replies[] = {
	{ "", FAR, 1233 },
	{ "", FAR, 3000 },
	{ "", FAR6, 1233 },
	{ "", FAR6, 1400 },
	{ "", FAR6, 3000 },
	{ "--stack two", FAR, 1400 },
	{ "--stack two", FAR6, 1400 },
	{ "--stack two", FAR6, 3000 },
	{ "--reply-interface arrival", FAR6, 1400 },
};

START_TEST(test_replies)
{
	const char *address = replies[_i].address;
	bool ipv6 = strchr(address, ':') != NULL;
	struct server server = { .netns = -1 };
	char line[80];
	int i;

	server.netns = far_new(1280);
	snprintf(
	    line, sizeof(line), "%s --rate none echo=:7", replies[_i].options);
	server_start(&server, line);
	client_open(&client, ipv6 ? "::" : "0.0.0.0");
	/* Only over IPv6 may the first be lost: no DF from here, either. */
	ck_assert(ipv6 ||
	    setsockopt(client.fd, IPPROTO_IP, IP_MTU_DISCOVER,
		&(int){ IP_PMTUDISC_DONT }, sizeof(int)) == 0);
	if (ipv6)
		ask_until_answered(address, replies[_i].length);
	for (i = 0; i < 5; i++) {
		memset(bytes, 'A' + i, replies[_i].length);
		client_ask_bytes(
		    &client, address, 7, bytes, replies[_i].length);
	}
	server_stop(&server);
}
END_TEST

/* Short ones alongside, which may leave as one (UDP_SEGMENT), all arrive. */
START_TEST(test_replies_together)
{
	struct server server = { .netns = -1 };
	unsigned int i;

	server.netns = far_new(1280);
	server_start(&server, "--rate none echo=:7");
	client_open(&client, "::");
	ask_until_answered(FAR6, 1400);
	server_freeze(&server);
	for (i = 0; i < 16; i++) {
		memset(bytes, (int)('a' + i), 1232);
		client_send(&client, FAR6, 7, bytes, 1232);
	}
	server_thaw(&server);
	for (i = 0; i < 16; i++) {
		ck_assert_msg(client_receive(&client, HARNESS_PATIENCE_MS),
		    "only %u answers", i);
		ck_assert_uint_eq(client.length, 1232);
	}
	server_stop(&server);
}
END_TEST

/* A route's own MTU is honoured, so an administrator can help. */
START_TEST(test_route)
{
	struct server server = { .netns = -1 };

	server.netns = far_new(1280);
	netns_ip(
	    server.netns, "route replace ::/0 via 2001:db8:a::fe mtu 1280\n");
	netns_ip(lan.client,
	    "route replace 2001:db8:a::/64 via 2001:db8:1::1 mtu 1280\n");
	server_start(&server, "echo=:7");
	client_open(&client, "::");
	memset(bytes, 'a', 1400);
	client_ask_bytes(&client, FAR6, 7, bytes, 1400);
	server_stop(&server);
}
END_TEST

/*
 * What a stranger says.  From anywhere: that of the client will do.
 */

static uint16_t
checksum(const void *data, size_t length)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (; length > 1; length -= 2)
		sum += *words++;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
send_raw(int domain, const void *packet, size_t length,
    const struct sockaddr *to, socklen_t to_length)
{
	int fd = socket(domain, SOCK_RAW | SOCK_CLOEXEC,
	    domain == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	ck_assert_msg(fd >= 0, "raw socket: %s", strerror(errno));
	ck_assert_msg(
	    sendto(fd, packet, length, 0, to, to_length) == (ssize_t)length,
	    "raw socket: %s", strerror(errno));
	close(fd);
}

/* "A reply of yours to 192.0.2.100 was too big." */
static void
forge_ipv4(uint16_t mtu)
{
	struct {
		struct icmphdr icmp;
		struct iphdr ip;
		struct udphdr udp;
	} packet = {
		.icmp = { .type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED },
		.ip = { .version = 4,
		    .ihl = 5,
		    .ttl = 64,
		    .tot_len = htons(1400),
		    .protocol = IPPROTO_UDP },
		.udp = { .uh_sport = htons(7),
		    .uh_dport = htons((uint16_t)client_port(&client)),
		    .uh_ulen = htons(1380) },
	};
	struct sockaddr_in to = { .sin_family = AF_INET };

	inet_pton(AF_INET, "192.0.2.1", &to.sin_addr);
	packet.icmp.un.frag.mtu = htons(mtu);
	inet_pton(AF_INET, "192.0.2.1", &packet.ip.saddr);
	inet_pton(AF_INET, "192.0.2.100", &packet.ip.daddr);
	packet.ip.check = checksum(&packet.ip, sizeof(packet.ip));
	packet.icmp.checksum = checksum(&packet, sizeof(packet));
	send_raw(AF_INET, &packet, sizeof(packet), (struct sockaddr *)&to,
	    sizeof(to));
}

/* The same for 2001:db8:1::100; the system adds the checksum. */
static void
forge_ipv6(uint32_t mtu)
{
	struct {
		struct icmp6_hdr icmp;
		struct ip6_hdr ip;
		struct udphdr udp;
	} packet = {
		.icmp = { .icmp6_type = ICMP6_PACKET_TOO_BIG },
		.udp = { .uh_sport = htons(7),
		    .uh_dport = htons((uint16_t)client_port(&client)),
		    .uh_ulen = htons(1400) },
	};
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

	packet.icmp.icmp6_mtu = htonl(mtu);
	packet.ip.ip6_vfc = 0x60;
	packet.ip.ip6_nxt = IPPROTO_UDP;
	packet.ip.ip6_plen = htons(1400);
	inet_pton(AF_INET6, "2001:db8:1::1", &to.sin6_addr);
	packet.ip.ip6_src = to.sin6_addr;
	inet_pton(AF_INET6, "2001:db8:1::100", &packet.ip.ip6_dst);
	send_raw(AF_INET6, &packet, sizeof(packet), (struct sockaddr *)&to,
	    sizeof(to));
}

/* IPv6: 1280 bytes are believed, less is not.  IPv4: nothing is. */
static const struct {
	const char *options;
	unsigned int mtu;
	bool ipv6, believed;
} forgeries[] = {
	{ "", 1280, true, true },
	{ "", 1279, true, false },
	{ "", 68, true, false },
	{ "", 1280, false, false },
	{ "", 576, false, false },
	{ "--stack two", 1280, true, true },
	{ "--stack two", 68, true, false },
	{ "--stack two", 576, false, false },
};

START_TEST(test_forgery)
{
	bool ipv6 = forgeries[_i].ipv6;
	const char *address = ipv6 ? "2001:db8:1::1" : "192.0.2.1";
	struct server server = { .netns = -1 };
	char line[80];

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s echo=:7", forgeries[_i].options);
	server_start(&server, line);
	client_open(&client, ipv6 ? "2001:db8:1::100" : "192.0.2.100");
	client_ask(&client, address, 7);
	if (ipv6)
		forge_ipv6(forgeries[_i].mtu);
	else
		forge_ipv4((uint16_t)forgeries[_i].mtu);
	/* Behind the forgery in the queue. */
	memset(bytes, 'a', 1400);
	client_ask_bytes(&client, address, 7, bytes, 1400);
	netns_shell(lan.server, "%s ip route get %s | grep -q 'mtu %u'",
	    forgeries[_i].believed ? "" : "!",
	    ipv6 ? "2001:db8:1::100" : "192.0.2.100", forgeries[_i].mtu);
	client_ask_bytes(&client, address, 7, bytes, 1401);
	server_stop(&server);
}
END_TEST

/*
 * mhprobe.
 */

/* The server itself cuts its replies: only requests are too long. */
START_TEST(test_probe_request)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = netns_new();
	lan_behind(&lan, server.netns, 1300);
	server_start(&server, "echo=:7");
	probe_check(&probe, 0, "1 ok", "-c 1 -s 1400 echo 203.0.114.1:7");
	probe_check(&probe, 0, "1 ok", "-c 1 -s 1400 echo '[2001:db8:9::1]:7'");
	probe_shows(&probe, "1 packet too big, says 2001:db8:1::");
	probe_shows(&probe, ", path MTU 1300");
	probe_check(&probe, 0, "1 ok", "-c 1 -s 3000 echo '[2001:db8:9::1]:7'");
	ck_assert_ptr_null(strstr(probe.output, "too big"));
	server_stop(&server);
}
END_TEST

/* So is the first reply; and it is said why there is none. */
START_TEST(test_probe_both)
{
	struct server server = { .netns = -1 };

	server.netns = far_new(1280);
	server_start(&server, "echo=:7");
	probe_check(&probe, 0, "1 ok", "-c 1 -s 1400 echo " FAR ":7");
	probe_check(&probe, 2, "compare with -s 1232",
	    "-c 1 -s 1400 echo '[" FAR6 "]:7'");
	probe_check(&probe, 0, "1 ok", "-c 1 -s 1232 echo '[" FAR6 "]:7'");
	probe_check(&probe, 0, "1 ok", "-c 1 -s 1400 echo '[" FAR6 "]:7'");
	server_stop(&server);
}
END_TEST

/* By default it asks more than once. */
START_TEST(test_probe_default)
{
	struct server server = { .netns = -1 };

	server.netns = far_new(1280);
	server_start(&server, "echo=:7");
	probe_check(&probe, 0, "1 ok", "-s 1400 echo '[" FAR6 "]:7'");
	server_stop(&server);
}
END_TEST

static Suite *
mtu_suite(void)
{
	Suite *suite = suite_create("net mtu");
	TCase *tcase = harness_case(suite, "replies");

	tcase_add_loop_test(tcase, test_replies, 0, COUNT(replies));
	tcase_add_test(tcase, test_replies_together);
	tcase_add_test(tcase, test_route);
	tcase = harness_case(suite, "forgery");
	tcase_add_loop_test(tcase, test_forgery, 0, COUNT(forgeries));
	tcase = harness_case(suite, "probe");
	tcase_add_test(tcase, test_probe_request);
	tcase_add_test(tcase, test_probe_both);
	tcase_add_test(tcase, test_probe_default);
	return suite;
}

int
main(void)
{
	return harness_main(mtu_suite());
}
