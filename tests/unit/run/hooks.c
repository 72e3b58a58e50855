/* SPDX-License-Identifier: ISC */
/*
 * The hooks of libmhrun.so, linked into this program, over real sockets on
 * loopback: a server with threads answers each from the address it asked.
 * ThreadSanitizer sees them here, as it cannot in tests/net/test_run.c.
 */
#include "unit/run/suites.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVERS = 3, CLIENTS = 4, ROUNDS = 300, PATIENCE_MS = 10000 };

/* Four times as many as there are entries. */
enum { OTHERS = 16384 };

static int server_fd;
static struct sockaddr_in6 server_name;

/* Bind to every address and a port that is free, chosen by us. */
static int
open_server(void)
{
	struct sockaddr_in6 name = { .sin6_family = AF_INET6 };
	socklen_t size = sizeof(name);
	int fd, off = 0, probe = socket(AF_INET6, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(probe, (struct sockaddr *)&name, size), 0);
	ck_assert_int_eq(
	    getsockname(probe, (struct sockaddr *)&name, &size), 0);
	ck_assert_int_eq(close(probe), 0);
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, size), 0);
	server_name = name;
	return fd;
}

/* Answer until an empty datagram comes. */
static void *
serve(void *argument)
{
	struct sockaddr_in6 peer;
	socklen_t size;
	char data[64];
	ssize_t n;

	(void)argument;
	for (;;) {
		size = sizeof(peer);
		n = recvfrom(server_fd, data, sizeof(data), 0,
		    (struct sockaddr *)&peer, &size);
		if (n <= 0)
			return NULL;
		sendto(server_fd, data, (size_t)n, 0, (struct sockaddr *)&peer,
		    size);
	}
}

/* 127.0.0.x asked from 127.0.0.1; returns how many answers were right. */
static void *
ask(void *argument)
{
	unsigned int *right = argument, i;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in own = { .sin_family = AF_INET }, to = own, from;
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	socklen_t size = sizeof(from);
	char data[16];

	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) != 0)
		return NULL;
	to.sin_port = server_name.sin6_port;
	for (i = 0; i < ROUNDS; i++) {
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + i % 50);
		snprintf(data, sizeof(data), "%u", i);
		sendto(fd, data, strlen(data), 0, (struct sockaddr *)&to,
		    sizeof(to));
		if (poll(&readable, 1, PATIENCE_MS) != 1)
			break;
		size = sizeof(from);
		recvfrom(
		    fd, data, sizeof(data), 0, (struct sockaddr *)&from, &size);
		*right += from.sin_addr.s_addr == to.sin_addr.s_addr;
	}
	close(fd);
	return NULL;
}

static void
stop_server(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = server_name.sin6_port };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(
	    sendto(fd, "", 0, 0, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
}

START_TEST(test_threads)
{
	pthread_t servers[SERVERS], clients[CLIENTS];
	unsigned int right[CLIENTS] = { 0 }, i;

	server_fd = open_server();
	for (i = 0; i < SERVERS; i++)
		ck_assert_int_eq(
		    pthread_create(&servers[i], NULL, serve, NULL), 0);
	for (i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(
		    pthread_create(&clients[i], NULL, ask, &right[i]), 0);
	for (i = 0; i < CLIENTS; i++) {
		ck_assert_int_eq(pthread_join(clients[i], NULL), 0);
		ck_assert_uint_eq(right[i], ROUNDS);
	}
	for (i = 0; i < SERVERS; i++)
		stop_server();
	for (i = 0; i < SERVERS; i++)
		ck_assert_int_eq(pthread_join(servers[i], NULL), 0);
	close(server_fd);
}
END_TEST

/*
 * Sockets that come and go, as those of a resolver, more than are remembered:
 * one that stays sees nothing of that.
 */
START_TEST(test_others)
{
	struct sockaddr_in6 name;
	struct msghdr header = { .msg_iovlen = 0 };
	int fd, i;

	fd = open_server();
	name = server_name;
	close(fd);
	server_fd = open_server();
	for (i = 0; i < OTHERS; i++) {
		fd = socket(AF_INET6, SOCK_DGRAM, 0);
		ck_assert_int_eq(
		    bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
		ck_assert_int_eq(close(fd), 0);
	}
	stop_server();
	ck_assert_int_eq(recvmsg(server_fd, &header, 0), 0);
	ck_assert_int_eq(header.msg_flags, 0);
	close(server_fd);
}
END_TEST

Suite *
run_hooks_suite(void)
{
	Suite *suite = suite_create("run hooks");
	TCase *threads = tcase_create("threads");

	tcase_set_timeout(threads, 120);
	/* Of control messages, of which QEMU's are the host's. */
	tcase_set_tags(threads, "messages");
	tcase_add_test(threads, test_threads);
	tcase_add_test(threads, test_others);
	suite_add_tcase(suite, threads);
	return suite;
}
