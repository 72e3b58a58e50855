/* SPDX-License-Identifier: ISC */
/*
 * The client: an unconnected UDP socket, so that an answer from a wrong address
 * is seen, not filtered out by the system.
 *
 * A client's socket belongs to the namespace that the process is in when it is
 * opened.  Addresses are text; a link-local one includes its interface,
 * "fe80::1%v0".
 */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct client {
	int fd;
	unsigned int asked; /* how often: makes every request different */
	/* The last datagram that client_receive() got: */
	char source[80];       /* its address, as text */
	unsigned int port;     /* and port */
	unsigned int if_index; /* the address that it was sent to */
	int ttl, tos;          /* as it arrived */
	size_t length;
	unsigned char data[65536];
};

/* Open; from is its own address, "0.0.0.0" or "::" for any. */
void client_open(struct client *client, const char *from);
void client_close(struct client *client);

/* Open on a given port; from as above. */
void client_open_at(struct client *client, const char *from, unsigned int port);

/* The client's own port. */
unsigned int client_port(const struct client *client);

void client_send(struct client *client, const char *address, unsigned int port,
    const void *data, size_t length);

/* Wait for a datagram; false if there is none in time. */
bool client_receive(struct client *client, int milliseconds);

/*
 * Ask an echo service: the next datagram must be the answer, come from the
 * address and port that were asked, and be what was sent.
 *
 * So this also proves that an earlier request got no answer: otherwise that
 * would be the next datagram.
 */
void client_ask(struct client *client, const char *address, unsigned int port);

/* The same for a group: the answer comes from this address. */
void client_ask_group(struct client *client, const char *group,
    unsigned int port, const char *source);

/* The same for given bytes. */
void client_ask_bytes(struct client *client, const char *address,
    unsigned int port, const void *data, size_t length);

/*
 * Wait until there is a route to the address: a multicast route appears later
 * than the rest of a link.
 */
void client_expect_way(const char *address);

/*
 * Wait until the host says that it has no such port, which shows that the path
 * works and that everything sent before has arrived.
 */
void client_expect_refused(const char *address, unsigned int port);

#endif
