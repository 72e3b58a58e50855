/* SPDX-License-Identifier: ISC */
/*
 * This host's own addresses: which of them can be asked, and from where.
 */
#ifndef PROBE_LOCAL_H
#define PROBE_LOCAL_H

#include "platform/network.h"

/* Why this address of this host cannot be asked; NULL: it can. */
const char *local_obstacle(
    const struct host_network *network, const struct host_address *at);

/*
 * Another address of this host, to ask one of its own from; if that has a
 * scope, one of the same interface.  Asked from the very same address, a server
 * that lets the system pick the source of its answer would be right by chance.
 * Loopback asks loopback only: servers drop what else comes from there, as a
 * forgery.  Family none: there is no other.
 */
struct mh_address local_other(
    const struct host_network *network, const struct mh_address *peer);

#endif
