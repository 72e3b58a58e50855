/* SPDX-License-Identifier: ISC */
/*
 * Who is there on the networks that this host is in: a datagram to an address
 * that is not waits in the system until nobody has answered for it, and takes
 * up its socket's send buffer for as long (Linux: 3 s, ARP and RFC 4861).
 */
#ifndef PLATFORM_NEIGHBOURS_H
#define PLATFORM_NEIGHBOURS_H

#include "lib/multihome.h"

/* Tells which neighbours' link-layer addresses are known.  One thread. */
struct host_neighbours {
	intptr_t handle; /* of a socket; -1: none */
	bool listing;    /* a list of all was asked for, and has not ended */
	bool again;      /* something was lost since: one more */
};

enum host_neighbour_news {
	HOST_NEIGHBOUR_RESOLVED, /* a datagram to it leaves at once */
	HOST_NEIGHBOUR_ABSENT,   /* it would have to wait */
	HOST_NEIGHBOURS_LIST,    /* of all that are resolved: it begins... */
	HOST_NEIGHBOURS_END      /* ...and ends: no others are */
};

struct host_neighbour {
	enum host_neighbour_news news;
	/* Of the first two: */
	struct mh_address address; /* port 0; scope if link-local IPv6 */
	uint32_t if_index;
};

/*
 * Begin: a first list of all comes as news.  The handle becomes readable when
 * there are any, or is -1 if the system does not tell.  Linux: rtnetlink.
 */
void host_neighbours_open(struct host_neighbours *neighbours);

/*
 * Take the news that are there, without waiting; of very many, some are left
 * for the next call.  When some were lost, a new list follows.
 */
void host_neighbours_read(struct host_neighbours *neighbours,
    void (*tell)(void *argument, const struct host_neighbour *neighbour),
    void *argument);

/* Close it; once more does no harm. */
void host_neighbours_close(struct host_neighbours *neighbours);

/*
 * Of a socket's send buffer, how many bytes it has and how many are in use, by
 * the system's count of both, which is not of payload alone.  False if that
 * cannot be told.  Linux 4.12.
 */
bool host_send_buffer(intptr_t handle, size_t *size, size_t *used);

#endif
