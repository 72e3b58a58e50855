/* SPDX-License-Identifier: ISC */
/*
 * A UDP echo server as others write them: bound to every address, it answers
 * from whichever the system picks.  Linked statically, for tests of mhrun.
 *
 *	wildcard [-4] [-b ADDRESS] [-p PORT] [-s SOURCE] [-t THREADS]
 *
 * -4: IPv4 alone; -b: bound to that instead; -p: on that port; -s: answers name
 * their source; -t: as many threads on one socket.  Its port is the first line
 *that it writes.  A datagram may have it do something else than answer once:
 *
 *	exit	end with code 7
 *	fork	leave a child to go on, and end with code 8
 *	later	answer, and again for each byte on standard input, up to a
 *		newline
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *bound, *source;
static bool is_ipv4;
static int port, server;

struct datagram {
	struct sockaddr_storage peer;
	socklen_t peer_length;
	char data[2048];
	size_t length;
};

static void
fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* An IPv4 address for a socket of both families, too. */
static socklen_t
address_of(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	if (is_ipv4) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons((uint16_t)port);
		if (text != NULL &&
		    inet_pton(AF_INET, text, &ipv4->sin_addr) != 1)
			fail(text);
		return sizeof(*ipv4);
	}
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons((uint16_t)port);
	if (text != NULL && inet_pton(AF_INET6, text, &ipv6->sin6_addr) != 1)
		fail(text);
	return sizeof(*ipv6);
}

static void
open_server(void)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(bound, &address);
	int off = 0;

	server = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (server < 0)
		fail("socket");
	if (!is_ipv4 &&
	    setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) !=
		0)
		fail("IPV6_V6ONLY");
	if (bind(server, (struct sockaddr *)&address, length) != 0)
		fail("bind");
	if (getsockname(server, (struct sockaddr *)&address, &length) != 0)
		fail("getsockname");
	/* At the same place in both. */
	printf("%u\n", ntohs(((struct sockaddr_in *)&address)->sin_port));
	fflush(stdout);
}

/* The source that this server itself chooses. */
static void
add_source(struct msghdr *message)
{
	struct cmsghdr *header = message->msg_control;
	struct sockaddr_storage address;
	struct in6_pktinfo ipv6 = { .ipi6_ifindex = 0 };
	struct in_pktinfo ipv4 = { .ipi_ifindex = 0 };

	address_of(source, &address);
	if (is_ipv4) {
		ipv4.ipi_spec_dst = ((struct sockaddr_in *)&address)->sin_addr;
		header->cmsg_level = IPPROTO_IP;
		header->cmsg_type = IP_PKTINFO;
		header->cmsg_len = CMSG_LEN(sizeof(ipv4));
		memcpy(CMSG_DATA(header), &ipv4, sizeof(ipv4));
		message->msg_controllen = CMSG_SPACE(sizeof(ipv4));
		return;
	}
	ipv6.ipi6_addr = ((struct sockaddr_in6 *)&address)->sin6_addr;
	header->cmsg_level = IPPROTO_IPV6;
	header->cmsg_type = IPV6_PKTINFO;
	header->cmsg_len = CMSG_LEN(sizeof(ipv6));
	memcpy(CMSG_DATA(header), &ipv6, sizeof(ipv6));
	message->msg_controllen = CMSG_SPACE(sizeof(ipv6));
}

static void
answer(struct datagram *datagram)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { .bytes = "" };
	struct iovec data = { datagram->data, datagram->length };
	struct msghdr message = { .msg_name = &datagram->peer,
		.msg_namelen = datagram->peer_length,
		.msg_iov = &data,
		.msg_iovlen = 1 };

	if (source == NULL) {
		if (sendto(server, datagram->data, datagram->length, 0,
			(struct sockaddr *)&datagram->peer,
			datagram->peer_length) < 0)
			fail("sendto");
		return;
	}
	message.msg_control = &control;
	add_source(&message);
	if (sendmsg(server, &message, 0) < 0)
		fail("sendmsg");
}

static void
obey(struct datagram *datagram)
{
	char byte;

	if (datagram->length == 4 && memcmp(datagram->data, "exit", 4) == 0)
		exit(7);
	if (datagram->length == 4 && memcmp(datagram->data, "fork", 4) == 0 &&
	    fork() != 0)
		_exit(8);
	answer(datagram);
	if (datagram->length == 5 && memcmp(datagram->data, "later", 5) == 0)
		while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
			answer(datagram);
}

static void *
serve(void *nothing)
{
	struct datagram datagram;
	ssize_t n;

	for (;;) {
		datagram.peer_length = sizeof(datagram.peer);
		n = recvfrom(server, datagram.data, sizeof(datagram.data), 0,
		    (struct sockaddr *)&datagram.peer, &datagram.peer_length);
		if (n < 0 && errno != EINTR)
			fail("recvfrom");
		if (n < 0)
			continue;
		datagram.length = (size_t)n;
		obey(&datagram);
	}
	return nothing;
}

int
main(int argc, char *argv[])
{
	int option, threads = 1;
	pthread_t thread;

	while ((option = getopt(argc, argv, "4b:p:s:t:")) != -1) {
		switch (option) {
		case '4':
			is_ipv4 = true;
			break;
		case 'b':
			bound = optarg;
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 's':
			source = optarg;
			break;
		case 't':
			threads = atoi(optarg);
			break;
		default:
			return EXIT_FAILURE;
		}
	}
	open_server();
	for (; threads > 1; threads--)
		if (pthread_create(&thread, NULL, serve, NULL) != 0)
			fail("pthread_create");
	serve(NULL);
	return EXIT_SUCCESS;
}
