/* SPDX-License-Identifier: ISC */
/*
 * Which neighbours are resolved: a datagram to an address on one of our own
 * networks that nobody has waits in the system until resolution fails, and
 * occupies its socket's send buffer until then (Linux: 3 s, ARP and RFC 4861).
 */
#ifndef PLATFORM_NEIGHBOURS_H
#define PLATFORM_NEIGHBOURS_H

#include "lib/multihome.h"

/* Watches the system's neighbour table.  One thread. */
struct host_neighbours {
	intptr_t handle; /* of a socket; -1: none */
	bool listing;    /* a full list was requested and has not ended */
	bool again;      /* events were lost since: request another */
	intptr_t routes; /* of a socket to ask for routes; -1: none */
	uint32_t asked;  /* how often that was done */
};

enum host_neighbour_event {
	HOST_NEIGHBOUR_RESOLVED, /* a datagram to it leaves at once */
	HOST_NEIGHBOUR_ABSENT,   /* it would have to wait */
	HOST_NEIGHBOURS_BEGIN,   /* a list of all resolved ones begins... */
	HOST_NEIGHBOURS_END      /* ...and ends: there are no others */
};

struct host_neighbour {
	enum host_neighbour_event event;
	/* Of the first two: */
	struct mh_address address; /* port 0; scope if link-local */
	uint32_t if_index;
};

/*
 * Start watching: the first events are a list of all.  The handle becomes
 * readable when there are events; -1: the system does not report any.  Linux:
 * rtnetlink.
 */
void host_neighbours_open(struct host_neighbours *neighbours);

/*
 * Receive pending events, without waiting; if there are very many, some are
 * left for the next call.  After a loss a new list follows.
 */
void host_neighbours_read(struct host_neighbours *neighbours,
    void (*notify)(void *argument, const struct host_neighbour *neighbour),
    void *argument);

/*
 * To whom the system would hand a reply from request->local to request->peer:
 * to the peer itself, or to a router.  Asks the system, which takes a few
 * microseconds.  Fills in the address and the interface of *hop; false: it does
 * not say, or the peer is this host.  Linux; elsewhere always false.
 */
bool host_next_hop(struct host_neighbours *neighbours,
    const struct mh_datagram *request, struct host_neighbour *hop);

/* Close it; closing it twice is harmless. */
void host_neighbours_close(struct host_neighbours *neighbours);

/*
 * The size of a socket's send buffer and the bytes in use, both as the system
 * counts them, which includes its own overhead.  False if unknown.  Linux 4.12.
 */
bool host_send_buffer(intptr_t handle, size_t *size, size_t *used);

#endif
