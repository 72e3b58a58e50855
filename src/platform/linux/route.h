/* SPDX-License-Identifier: ISC */
/*
 * Whose address it is, by the routing tables.  Never for a datagram that goes
 * its usual way.
 */
#ifndef PLATFORM_LINUX_ROUTE_H
#define PLATFORM_LINUX_ROUTE_H

#include "lib/multihome.h"

enum mh__route_owner {
	ROUTE_UNKNOWN, /* the kernel does not say */
	ROUTE_OTHER,   /* not this host, or not yet: it is tentative */
	ROUTE_LOCAL    /* this host: one of its addresses, or of a prefix that
			* has a route of type "local" */
};

/*
 * Ask rtnetlink(7) for the route to this address, as `ip route get` does.  Of a
 * link-local IPv6 one the scope counts; if_index: an interface of the VRF whose
 * tables are asked; 0: the others.
 */
enum mh__route_owner mh__route_owner(
    const struct mh_address *address, uint32_t if_index);

#endif
