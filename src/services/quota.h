/* SPDX-License-Identifier: ISC */
/*
 * How many of something each network of peers has, in memory of fixed size:
 * whoever can choose among the addresses of one network does not take what
 * there is for all.  A network is an IPv4 /24, an IPv6 /48, or a link.
 */
#ifndef SERVICES_QUOTA_H
#define SERVICES_QUOTA_H

#include "services/service.h"

/* No more for that network. */
#define QUOTA_FULL UINT32_MAX

/* Initialised in the state of a socket, see struct service. */
struct quota;

/* The bytes that one for that many networks takes: multiples of 16. */
size_t quota_size(uint32_t networks);

/* An empty one there, aligned for any type. */
void quota_init(
    struct quota *quota, uint32_t networks, const uint8_t seed[SERVICE_SEED]);

/*
 * One more for the network of that address, which has most of them at the most.
 * Returns the number of the network, for quota_release(), or QUOTA_FULL with
 * nothing changed: also if it would be one network too many.
 */
uint32_t quota_take(
    struct quota *quota, const struct mh_address *peer, uint32_t most);

/* Give one of that network back. */
void quota_release(struct quota *quota, uint32_t network);

#endif
