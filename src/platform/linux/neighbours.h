/* SPDX-License-Identifier: ISC */
/*
 * What rtnetlink(7) says of neighbours and of routes to them.  Pure.
 */
#ifndef PLATFORM_LINUX_NEIGHBOURS_H
#define PLATFORM_LINUX_NEIGHBOURS_H

#include "platform/neighbours.h"

#include <linux/netlink.h>

/* Decode one message, length verified; false: it is not about a neighbour. */
bool neighbours_decode(
    struct nlmsghdr *message, struct host_neighbour *neighbour);

/*
 * The same of the route to that peer: who is next on the way.  False: nobody,
 * or the message does not say.
 */
bool neighbours_decode_route(struct nlmsghdr *message,
    const struct mh_address *peer, struct host_neighbour *hop);

#endif
