/* SPDX-License-Identifier: ISC */
/*
 * The limit: the shortest programs that answer UDP datagrams on every address
 * of both families.  No source address, no checks, no event loop, no error
 * handling: what is left is what the kernel costs.  Everything else is measured
 * against this.  Linux only.
 *
 *	limit [-1 | -p] PORT
 *
 * -1: recvfrom() and sendto(), one datagram per system call, as most servers
 * do.
 *
 * -p: ask the kernel for the address that each datagram was sent to, and to use
 * it as the source of the answer: the least that a correct answer costs.
 *
 * Port 0 is allowed; the real one is written to standard output.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 32
#define SIZE 2048 /* no more is ever sent by load.c */
#define CONTROL 128

static int
open_socket(unsigned int port)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6 };
	socklen_t length = sizeof(name);
	int off = 0, buffer = 4 << 20;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	name.sin6_port = htons((uint16_t)port);
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) <
		0 ||
	    bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &length) < 0)
		err(EXIT_FAILURE, "cannot listen on port %u", port);
	printf("%u\n", (unsigned int)ntohs(name.sin6_port));
	fflush(stdout);
	return fd;
}

static void
tell_targets(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) <
		0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0)
		err(EXIT_FAILURE, "cannot ask for the target");
}

/*
 * Both pktinfos of an IPv4 datagram come in one control buffer, IPv6 first;
 * with IP_PKTINFO cut to itself, or IPV6_PKTINFO alone, it goes back as it is.
 */
static void
turn_round(struct msghdr *header)
{
	struct cmsghdr *message = CMSG_FIRSTHDR(header), *second;
	struct in6_pktinfo *info6;
	struct in_pktinfo *info;

	if (message == NULL)
		return;
	second = CMSG_NXTHDR(header, message);
	if (second == NULL) {
		info6 = (struct in6_pktinfo *)CMSG_DATA(message);
		info6->ipi6_ifindex = 0;
		header->msg_controllen = message->cmsg_len;
		return;
	}
	info = (struct in_pktinfo *)CMSG_DATA(second);
	info->ipi_ifindex = 0;
	header->msg_control = second;
	header->msg_controllen = second->cmsg_len;
}

/* Names and lengths are set again for each batch where they matter. */
static void
serve_sources(int fd)
{
	static uint8_t data[SLOTS][SIZE];
	static _Alignas(struct cmsghdr) uint8_t control[SLOTS][CONTROL];
	static struct sockaddr_in6 names[SLOTS];
	static struct iovec iov[SLOTS];
	static struct mmsghdr messages[SLOTS];
	int i, n = SLOTS;

	for (;;) {
		for (i = 0; i < n; i++) {
			iov[i] = (struct iovec){ data[i], SIZE };
			messages[i].msg_hdr =
			    (struct msghdr){ .msg_name = &names[i],
				    .msg_namelen = sizeof(names[i]),
				    .msg_iov = &iov[i],
				    .msg_iovlen = 1,
				    .msg_control = control[i],
				    .msg_controllen = CONTROL };
		}
		n = recvmmsg(fd, messages, SLOTS, MSG_WAITFORONE, NULL);
		for (i = 0; i < n; i++) {
			iov[i].iov_len = messages[i].msg_len;
			turn_round(&messages[i].msg_hdr);
		}
		if (n > 0)
			(void)sendmmsg(fd, messages, (unsigned int)n, 0);
	}
}

static void
serve_batches(int fd)
{
	static uint8_t data[SLOTS][SIZE];
	static struct sockaddr_in6 names[SLOTS];
	static struct iovec in[SLOTS], out[SLOTS];
	static struct mmsghdr received[SLOTS], replies[SLOTS];
	int i, n;

	for (i = 0; i < SLOTS; i++) {
		in[i] = out[i] = (struct iovec){ data[i], SIZE };
		received[i].msg_hdr = (struct msghdr){ .msg_name = &names[i],
			.msg_namelen = sizeof(names[i]),
			.msg_iov = &in[i],
			.msg_iovlen = 1 };
		replies[i].msg_hdr = received[i].msg_hdr;
		replies[i].msg_hdr.msg_iov = &out[i];
	}
	for (;;) {
		n = recvmmsg(fd, received, SLOTS, MSG_WAITFORONE, NULL);
		for (i = 0; i < n; i++)
			out[i].iov_len = received[i].msg_len;
		if (n > 0)
			(void)sendmmsg(fd, replies, (unsigned int)n, 0);
	}
}

static void
serve_singly(int fd)
{
	static uint8_t data[SIZE];
	struct sockaddr_in6 name;
	socklen_t length;
	ssize_t n;

	for (;;) {
		length = sizeof(name);
		n = recvfrom(
		    fd, data, SIZE, 0, (struct sockaddr *)&name, &length);
		if (n >= 0)
			(void)sendto(fd, data, (size_t)n, 0,
			    (struct sockaddr *)&name, length);
	}
}

int
main(int argc, char *argv[])
{
	const char *how = argc == 3 ? argv[1] : "";
	bool singly = strcmp(how, "-1") == 0, sources = strcmp(how, "-p") == 0;
	int fd;

	if (argc != 2 + (singly || sources)) {
		fprintf(stderr, "usage: limit [-1 | -p] PORT\n");
		return 64;
	}
	fd = open_socket((unsigned int)strtoul(argv[argc - 1], NULL, 10));
	if (singly)
		serve_singly(fd);
	if (sources) {
		tell_targets(fd);
		serve_sources(fd);
	}
	serve_batches(fd);
	return EXIT_SUCCESS;
}
