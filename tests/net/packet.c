/* SPDX-License-Identifier: ISC */
/*
 * See packet.h.
 */
#include "build.h"

#include "packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

static const char payload[PACKET_LENGTH_MAX] = "made by hand";

/* Of a short one. */
#define LENGTH_LEAST sizeof("made by hand")

/* With its UDP header. */
static size_t
udp_length(const struct packet *packet)
{
	return sizeof(struct udphdr) +
	    (packet->length != 0 ? packet->length : LENGTH_LEAST);
}

#define UDP_LENGTH_MAX (sizeof(struct udphdr) + PACKET_LENGTH_MAX)

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
fill_udp(const struct packet *packet, uint8_t *udp)
{
	struct udphdr header = { .uh_sport = htons(packet->from_port),
		.uh_dport = htons(packet->to_port),
		.uh_ulen = htons((uint16_t)udp_length(packet)) };

	memcpy(udp, &header, sizeof(header));
	memcpy(udp + sizeof(header),
	    packet->data != NULL ? packet->data : payload,
	    udp_length(packet) - sizeof(header));
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

/* A UDP checksum of 0 means none in IPv4. */
static void
send_ipv4(const struct packet *packet)
{
	uint8_t bytes[sizeof(struct iphdr) + UDP_LENGTH_MAX];
	size_t length = sizeof(struct iphdr) + udp_length(packet);
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct iphdr ip = { .version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.tot_len = htons((uint16_t)length) };

	ck_assert_int_eq(inet_pton(AF_INET, packet->from, &ip.saddr), 1);
	ck_assert_int_eq(inet_pton(AF_INET, packet->to, &ip.daddr), 1);
	to.sin_addr.s_addr = ip.daddr;
	memcpy(bytes, &ip, sizeof(ip));
	fill_udp(packet, bytes + sizeof(ip));
	send_raw(AF_INET, (struct sockaddr *)&to, sizeof(to), bytes, length);
}

static void
send_ipv6(const struct packet *packet)
{
	uint8_t bytes[sizeof(struct ip6_hdr) + UDP_LENGTH_MAX];
	uint16_t length = (uint16_t)udp_length(packet);
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	struct ip6_hdr ip = { .ip6_hlim = 64,
		.ip6_nxt = IPPROTO_UDP,
		.ip6_plen = htons(length) };
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
	sum = sum_words(IPPROTO_UDP + length, &ip.ip6_src, 32);
	sum = sum_words(sum, udp, length);
	sum = (sum & 0xffff) + (sum >> 16);
	checksum = htons((uint16_t) ~((sum & 0xffff) + (sum >> 16)));
	memcpy(
	    udp + offsetof(struct udphdr, uh_sum), &checksum, sizeof(checksum));
	send_raw(AF_INET6, (struct sockaddr *)&to, sizeof(to), bytes,
	    sizeof(ip) + length);
}

void
packet_send(const struct packet *packet)
{
	if (strchr(packet->to, ':'))
		send_ipv6(packet);
	else
		send_ipv4(packet);
}

void
packet_flood(const char *to, unsigned int to_port, unsigned int first,
    unsigned int count)
{
	struct packet packet = { .from_port = 4711, .to_port = to_port };
	struct sockaddr_in name = { .sin_family = AF_INET };
	uint8_t
	    bytes[sizeof(struct iphdr) + sizeof(struct udphdr) + LENGTH_LEAST];
	struct iphdr ip = { .version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.tot_len = htons(sizeof(bytes)) };
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	unsigned int i;

	ck_assert_msg(fd >= 0, "raw socket: %s", strerror(errno));
	ck_assert_int_eq(inet_pton(AF_INET, to, &ip.daddr), 1);
	name.sin_addr.s_addr = ip.daddr;
	fill_udp(&packet, bytes + sizeof(ip));
	for (i = first; i < first + count; i++) {
		ip.saddr = htonl((10u << 24) + 1 + i);
		memcpy(bytes, &ip, sizeof(ip));
		while (sendto(fd, bytes, sizeof(bytes), 0,
			   (struct sockaddr *)&name, sizeof(name)) < 0)
			ck_assert_msg(
			    errno == ENOBUFS, "send raw: %s", strerror(errno));
	}
	close(fd);
}
