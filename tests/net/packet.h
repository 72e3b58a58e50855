/* SPDX-License-Identifier: ISC */
/*
 * Datagrams made by hand, through raw sockets: from any source.
 */
#ifndef NET_PACKET_H
#define NET_PACKET_H

struct packet {
	const char *from, *to;
	unsigned int from_port, to_port;
	unsigned int length; /* of the payload; 0: a few bytes */
	const void *data;    /* the payload; NULL: text and zeros */
};

/* The longest payload. */
#define PACKET_LENGTH_MAX 1400

/* Send one; both addresses are of the same family. */
void packet_send(const struct packet *packet);

/*
 * Send that many to an IPv4 address, each from another source: the first is the
 * address first places after 10.0.0.1.
 */
void packet_flood(const char *to, unsigned int to_port, unsigned int first,
    unsigned int count);

#endif
