/* SPDX-License-Identifier: ISC */
/*
 * See client.h.
 */
#include "build.h"

#include "client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "harness.h"
#include "netns.h"
#include "server.h"

#define CLIENT_RECEIVE_BUFFER (8 << 20)

struct endpoint {
	struct sockaddr_storage address;
	socklen_t length;
};

static struct endpoint
resolve(const char *address, unsigned int port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM };
	struct endpoint endpoint = { .length = 0 };
	struct addrinfo *found;
	char service[16];
	int error;

	snprintf(service, sizeof(service), "%u", port);
	error = getaddrinfo(address, service, &hints, &found);
	ck_assert_msg(error == 0, "%s: %s", address, gai_strerror(error));
	memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
	endpoint.length = found->ai_addrlen;
	freeaddrinfo(found);
	return endpoint;
}

/* The text and port of an address; a scope as the interface's name. */
static void
format(const struct endpoint *endpoint, char text[80], unsigned int *port)
{
	char service[16];

	ck_assert_int_eq(
	    getnameinfo((const struct sockaddr *)&endpoint->address,
		endpoint->length, text, 80, service, sizeof(service),
		NI_NUMERICHOST | NI_NUMERICSERV),
	    0);
	ck_assert_int_eq(sscanf(service, "%u", port), 1);
}

static int
socket_for(const struct endpoint *endpoint)
{
	int fd = socket(endpoint->address.ss_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
	return fd;
}

static void
set(int fd, int level, int option, int value)
{
	ck_assert_msg(setsockopt(fd, level, option, &value, sizeof(value)) == 0,
	    "option %d/%d: %s", level, option, strerror(errno));
}

void
client_open(struct client *client, const char *from)
{
	client_open_at(client, from, 0);
}

void
client_open_at(struct client *client, const char *from, unsigned int port)
{
	struct endpoint own = resolve(from, port);
	int size = CLIENT_RECEIVE_BUFFER;

	memset(client, 0, sizeof(*client));
	client->fd = socket_for(&own);
	/* Refused to everybody but the host's root, who needs it least. */
	if (setsockopt(client->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		sizeof(size)) != 0)
		set(client->fd, SOL_SOCKET, SO_RCVBUF, size);
	set(client->fd, SOL_SOCKET, SO_BROADCAST, 1);
	if (own.address.ss_family == AF_INET) {
		set(client->fd, IPPROTO_IP, IP_PKTINFO, 1);
		set(client->fd, IPPROTO_IP, IP_RECVTTL, 1);
		set(client->fd, IPPROTO_IP, IP_RECVTOS, 1);
	} else {
		set(client->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		set(client->fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
		set(client->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
	}
	ck_assert_msg(
	    bind(client->fd, (struct sockaddr *)&own.address, own.length) == 0,
	    "bind %s: %s", from, strerror(errno));
}

void
client_close(struct client *client)
{
	close(client->fd);
}

unsigned int
client_port(const struct client *client)
{
	struct endpoint own = { .length = sizeof(own.address) };
	char text[80];
	unsigned int port;

	ck_assert_int_eq(getsockname(client->fd,
			     (struct sockaddr *)&own.address, &own.length),
	    0);
	format(&own, text, &port);
	return port;
}

void
client_send(struct client *client, const char *address, unsigned int port,
    const void *data, size_t length)
{
	struct endpoint to = resolve(address, port);
	struct pollfd writable = { .fd = client->fd, .events = POLLOUT };
	ssize_t sent;

	while ((sent = sendto(client->fd, data, length, 0,
		    (struct sockaddr *)&to.address, to.length)) < 0 &&
	    errno == EAGAIN)
		ck_assert_int_eq(poll(&writable, 1, HARNESS_PATIENCE_MS), 1);
	ck_assert_msg(sent == (ssize_t)length, "send to %s: %s", address,
	    strerror(errno));
}

/* What the system says about a datagram that it has received. */
static void
read_control(struct client *client, struct msghdr *message)
{
	struct in6_pktinfo ipv6;
	struct in_pktinfo ipv4;
	struct cmsghdr *c;
	bool is_ipv4 = false;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		bool ip = c->cmsg_level == IPPROTO_IP;

		if (ip && c->cmsg_type == IP_PKTINFO) {
			memcpy(&ipv4, CMSG_DATA(c), sizeof(ipv4));
			client->if_index = (unsigned int)ipv4.ipi_ifindex;
			is_ipv4 = true;
		} else if (!ip && c->cmsg_type == IPV6_PKTINFO && !is_ipv4) {
			memcpy(&ipv6, CMSG_DATA(c), sizeof(ipv6));
			client->if_index = ipv6.ipi6_ifindex;
		} else if (c->cmsg_type == (ip ? IP_TTL : IPV6_HOPLIMIT)) {
			memcpy(&client->ttl, CMSG_DATA(c), sizeof(int));
		} else if (ip && c->cmsg_type == IP_TOS) {
			client->tos = *CMSG_DATA(c); /* a byte */
		} else if (!ip && c->cmsg_type == IPV6_TCLASS) {
			memcpy(&client->tos, CMSG_DATA(c), sizeof(int));
		}
	}
}

bool
client_receive(struct client *client, int milliseconds)
{
	union {
		struct cmsghdr header;
		char bytes[256];
	} control;
	struct endpoint from;
	struct iovec data = { client->data, sizeof(client->data) };
	struct msghdr message = { .msg_name = &from.address,
		.msg_namelen = sizeof(from.address),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct pollfd readable = { .fd = client->fd, .events = POLLIN };
	ssize_t length;

	do {
		if (poll(&readable, 1, milliseconds) == 0)
			return false;
		length = recvmsg(client->fd, &message, 0);
	} while (length < 0 && (errno == EAGAIN || errno == EINTR));
	ck_assert_msg(length >= 0, "receive: %s", strerror(errno));
	client->length = (size_t)length;
	client->if_index = 0;
	client->ttl = client->tos = -1;
	read_control(client, &message);
	from.length = message.msg_namelen;
	format(&from, client->source, &client->port);
	return true;
}

/* Ask; and once more only if the system says that it has lost something. */
static void
send_and_receive(struct client *client, const char *asked, unsigned int port,
    const void *data, size_t length)
{
	unsigned long lost = netns_lost(), now;
	int seconds;

	client_send(client, asked, port, data, length);
	for (seconds = 0; !client_receive(client, 1000); seconds++) {
		now = netns_lost();
		if (seconds == HARNESS_PATIENCE_MS / 1000)
			server_report();
		ck_assert_msg(seconds < HARNESS_PATIENCE_MS / 1000,
		    "asked %s port %u: no answer (the system lost %lu)", asked,
		    port, now - lost);
		if (now == lost)
			continue;
		fprintf(
		    stderr, "lost by the system, sent again: to %s\n", asked);
		client_send(client, asked, port, data, length);
		lost = now;
	}
}

/* The answer comes from source. */
static void
check_source(const struct client *client, const char *asked, const char *source,
    unsigned int port)
{
	struct endpoint wanted = resolve(source, port);
	char text[80];

	format(&wanted, text, &port);
	ck_assert_msg(strcmp(client->source, text) == 0 && client->port == port,
	    "asked %s port %u: %s port %u answers", asked, port, client->source,
	    client->port);
}

void
client_ask_bytes(struct client *client, const char *address, unsigned int port,
    const void *data, size_t length)
{
	send_and_receive(client, address, port, data, length);
	check_source(client, address, address, port);
	ck_assert_uint_eq(client->length, length);
	ck_assert_int_eq(memcmp(client->data, data, length), 0);
}

void
client_ask_group(struct client *client, const char *group, unsigned int port,
    const char *source)
{
	char text[64];

	snprintf(text, sizeof(text), "request %u of %d to %s", ++client->asked,
	    (int)getpid(), group);
	send_and_receive(client, group, port, text, strlen(text));
	check_source(client, group, source, port);
	client->data[client->length] = '\0';
	ck_assert_str_eq((char *)client->data, text);
}

void
client_ask(struct client *client, const char *address, unsigned int port)
{
	client_ask_group(client, address, port, address);
}

void
client_expect_way(const char *address)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct endpoint there = resolve(address, 9);
	int fd = socket_for(&there);

	while (
	    connect(fd, (struct sockaddr *)&there.address, there.length) != 0) {
		ck_assert_msg(harness_now() < deadline, "no way to %s: %s",
		    address, strerror(errno));
		poll(NULL, 0, 2);
	}
	close(fd);
}

void
client_expect_refused(const char *address, unsigned int port)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct endpoint there = resolve(address, port);
	int fd = socket_for(&there);
	struct pollfd told = { .fd = fd, .events = POLLIN };
	char byte;

	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&there.address, there.length), 0);
	/* The link may be coming up: what is sent before then is lost. */
	do {
		ck_assert_msg(harness_now() < deadline,
		    "%s port %u does not refuse", address, port);
		if (send(fd, "", 0, 0) < 0 && errno == ECONNREFUSED)
			break;
		poll(&told, 1, 50);
		ck_assert_msg(recv(fd, &byte, 1, 0) < 0, "%s port %u answers",
		    address, port);
	} while (errno != ECONNREFUSED);
	close(fd);
}
