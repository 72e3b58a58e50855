/* SPDX-License-Identifier: ISC */
/*
 * Datagrams made by hand, by raw sockets: from whom one likes.
 */
#ifndef NET_PACKET_H
#define NET_PACKET_H

struct packet {
	const char *from, *to;
	unsigned int from_port, to_port;
};

/* Send one with a short payload; both addresses are of one family. */
void packet_send(const struct packet *packet);

#endif
