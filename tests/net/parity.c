/* SPDX-License-Identifier: ISC */
/*
 * What a program sees of a UDP socket, in every detail that mhrun could change:
 * run with it and without, this prints the same.
 *
 *	parity CONTROL		for each family, combination of options and
 *				size of the memory for control messages: a line
 *	parity NAMES		the memory for the peer's name, and flags
 */
#include "build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 7007, ROOM = 256, FILL = 0xa5 };

static const struct {
	int level, option;
	bool ipv4, ipv6; /* sockets that have it */
} options[] = {
	{ IPPROTO_IP, IP_PKTINFO, true, true },
	{ IPPROTO_IP, IP_RECVTTL, true, true },
	{ IPPROTO_IP, IP_RECVTOS, true, false },
	{ IPPROTO_IP, IP_RECVORIGDSTADDR, true, false },
	{ SOL_SOCKET, SO_TIMESTAMPNS, true, true },
	{ SOL_SOCKET, SO_RXQ_OVFL, true, false },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, false, true },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, false, true },
	{ IPPROTO_IPV6, IPV6_RECVTCLASS, false, true },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* Any that does not hide a difference; FNV-1a. */
static uint64_t digest;

static void
add(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (; size > 0; size--)
		digest = (digest ^ *at++) * UINT64_C(0x100000001b3);
}

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "parity: %s: %s\n", what, strerror(errno));
	exit(3);
}

/* Bound to every address: the server's; or to loopback: a client's. */
static int
open_socket(bool ipv6, bool is_client)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6,
		.sin6_port = htons(is_client ? PORT + 1 : PORT) };
	struct sockaddr_in name4 = { .sin_family = AF_INET,
		.sin_port = name.sin6_port };
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), only;

	check(fd >= 0, "socket");
	if (is_client) {
		name.sin6_addr = in6addr_loopback;
		name4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	only = is_client;
	check(!ipv6 ||
		setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) == 0,
	    "IPV6_V6ONLY");
	check(bind(fd, ipv6 ? (void *)&name : (void *)&name4,
		  ipv6 ? sizeof(name) : sizeof(name4)) == 0,
	    "bind");
	return fd;
}

static void
send_one(int client, bool ipv6)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6,
		.sin6_port = htons(PORT),
		.sin6_addr = in6addr_loopback };
	struct sockaddr_in name4 = { .sin_family = AF_INET,
		.sin_port = htons(PORT) };

	name4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	check(
	    sendto(client, "hello", 5, 0, ipv6 ? (void *)&name : (void *)&name4,
		ipv6 ? sizeof(name) : sizeof(name4)) == 5,
	    "sendto");
}

/* The time of arrival is no difference. */
static void
blot_out_time(struct msghdr *header)
{
	struct cmsghdr *message = CMSG_FIRSTHDR(header);

	for (; message != NULL; message = CMSG_NXTHDR(header, message))
		if (message->cmsg_level == SOL_SOCKET &&
		    message->cmsg_type == SO_TIMESTAMPNS)
			memset(CMSG_DATA(message), 0,
			    message->cmsg_len - CMSG_LEN(0));
}

/* Receive one with that much memory for control messages. */
static void
receive_one(int server, size_t size, bool many)
{
	_Alignas(struct cmsghdr) uint8_t control[ROOM + 16];
	struct sockaddr_in6 name;
	uint8_t data[16];
	struct iovec memory = { data, sizeof(data) };
	struct mmsghdr header = { .msg_hdr = { .msg_name = &name,
				      .msg_namelen = sizeof(name),
				      .msg_iov = &memory,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = size } };
	ssize_t n;

	memset(control, FILL, sizeof(control));
	memset(&name, FILL, sizeof(name));
	memset(data, FILL, sizeof(data));
	if (many)
		n = recvmmsg(server, &header, 1, 0, NULL);
	else
		n = recvmsg(server, &header.msg_hdr, 0);
	check(n > 0, "receive");
	blot_out_time(&header.msg_hdr);
	add(&n, sizeof(n));
	add(control, sizeof(control));
	add(&name, sizeof(name));
	add(data, sizeof(data));
	add(&header.msg_hdr.msg_namelen, sizeof(header.msg_hdr.msg_namelen));
	add(&header.msg_hdr.msg_controllen,
	    sizeof(header.msg_hdr.msg_controllen));
	add(&header.msg_hdr.msg_flags, sizeof(header.msg_hdr.msg_flags));
}

/* Set the options of a combination, and read them back. */
static void
set_options(int server, unsigned int combination)
{
	unsigned int i;
	socklen_t size;
	int value, result;

	for (i = 0; i < OPTIONS; i++) {
		value = (combination >> i & 1) != 0;
		result = setsockopt(server, options[i].level, options[i].option,
		    &value, sizeof(value));
		add(&result, sizeof(result));
		value = FILL;
		size = sizeof(value);
		check(getsockopt(server, options[i].level, options[i].option,
			  &value, &size) == 0 ||
			errno == ENOPROTOOPT || errno == EOPNOTSUPP,
		    "getsockopt");
		add(&value, sizeof(value));
		add(&size, sizeof(size));
	}
}

static bool
is_possible(bool ipv6, unsigned int combination)
{
	unsigned int i;

	for (i = 0; i < OPTIONS; i++)
		if ((combination >> i & 1) != 0 &&
		    !(ipv6 ? options[i].ipv6 : options[i].ipv4))
			return false;
	return true;
}

static void
print_control(bool ipv6, bool from_ipv6)
{
	int server = open_socket(ipv6, false);
	int client = open_socket(from_ipv6, true);
	unsigned int combination;
	size_t size;

	for (combination = 0; combination < 1u << OPTIONS; combination++) {
		if (!is_possible(ipv6, combination))
			continue;
		digest = UINT64_C(0xcbf29ce484222325);
		set_options(server, combination);
		for (size = 0; size <= ROOM; size++) {
			send_one(client, from_ipv6);
			receive_one(server, size, false);
			send_one(client, from_ipv6);
			receive_one(server, size, true);
		}
		printf("IPv%d from IPv%d, options %#x: %016llx\n", ipv6 ? 6 : 4,
		    from_ipv6 ? 6 : 4, combination, (unsigned long long)digest);
	}
	close(server);
	close(client);
}

/* recvfrom() with that much memory for the name. */
static void
print_name(int server, socklen_t size, int flags, size_t length)
{
	uint8_t name[sizeof(struct sockaddr_storage)], data[16];
	socklen_t got = size;
	ssize_t n;

	memset(name, FILL, sizeof(name));
	memset(data, FILL, sizeof(data));
	n = recvfrom(server, data, length, flags, (void *)name, &got);
	digest = UINT64_C(0xcbf29ce484222325);
	add(name, sizeof(name));
	add(data, sizeof(data));
	printf("name of %d, flags %#x, data of %zu: %zd, %d, %016llx\n",
	    (int)size, flags, length, n, n < 0 ? errno : (int)got,
	    (unsigned long long)digest);
}

static void
print_names(bool ipv6, bool from_ipv6)
{
	int server = open_socket(ipv6, false);
	int client = open_socket(from_ipv6, true);
	char data[16];
	socklen_t size;

	for (size = 0; size <= 40; size++) {
		send_one(client, from_ipv6);
		print_name(server, size, MSG_PEEK, 5);
		print_name(server, size, MSG_PEEK | MSG_TRUNC, 3);
		print_name(server, size, MSG_TRUNC, 0);
	}
	send_one(client, from_ipv6);
	print_name(server, (socklen_t)-1, MSG_DONTWAIT, 5);
	print_name(server, 40, MSG_DONTWAIT, 3);
	print_name(server, 40, MSG_DONTWAIT, 3);
	print_name(server, 40, MSG_ERRQUEUE | MSG_DONTWAIT, 3);
	send_one(client, from_ipv6);
	printf("no name: %zd\n", recvfrom(server, data, 16, 0, NULL, NULL));
	close(server);
	close(client);
}

int
main(int argc, char *argv[])
{
	bool names = argc == 2 && strcmp(argv[1], "NAMES") == 0;
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (names)
			print_names(i > 0, i > 1);
		else
			print_control(i > 0, i > 1);
	return 0;
}
