/* SPDX-License-Identifier: ISC */
/*
 * What the tests of the real system share: a server on loopback, a batch, and
 * peers.
 */
#ifndef UNIT_PLATFORM_LIVE_H
#define UNIT_PLATFORM_LIVE_H

#include "lib/socket.h"

#include <check.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { LIVE_PATIENCE_MS = 2000 };

/* What each test has. */
struct live {
	struct mh_socket *sockets[MH_SOCKETS_MAX]; /* the server's */
	int socket_count;
	struct mh_batch *batch;
	int peers[4];
	unsigned int peer_count;
	int first_free; /* file descriptor */
};

extern struct live live;

extern const struct mh_source_policy live_strict;

/* A test case that has all of this; after each test no file is left open. */
TCase *live_case(Suite *suite, const char *name);

/* Open the server, or fail. */
void live_serve(const char *endpoint, const struct mh_socket_options *options);
void live_serve_stack(const char *endpoint, enum mh_stack stack);

/* The server's port. */
uint16_t live_port(void);

/* Wait for datagrams on any of the sockets; NULL: none in time. */
struct mh_socket *live_wait(int milliseconds);

/* Receive one datagram, or fail; returns the socket it came to. */
struct mh_socket *live_receive(const char *name);

/* Send back what was received, by the rule. */
int live_echo(struct mh_socket *socket, const struct mh_source_policy *rule);

union live_name {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

/* An address as the system has it; returns its length. */
socklen_t live_name(
    const char *address, uint16_t port_number, union live_name *name);

/* A peer, which is closed after the test. */
int live_peer(const char *address);

uint16_t live_peer_port(int fd);

/* From the peer to the server at that address. */
void live_peer_send(int fd, const char *address, const void *data, size_t size);

/* -1: nothing came.  source: "address:port" */
ssize_t live_peer_receive(
    int fd, void *data, size_t size, struct mh_address *source);

/* The answer comes from there, and from the server's port. */
void live_assert_answer(
    const char *name, int fd, const char *from, size_t size);

/* Queue a reply to the peer: 1 byte, then 2, ... */
struct mh_datagram *live_reply(int fd, const char *peer, const char *local);

/* setsockopt(), or fail. */
void live_set(int fd, int level, int option, int value);

#endif
