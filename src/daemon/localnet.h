/* SPDX-License-Identifier: ISC */
/*
 * The interfaces and addresses of this host at one moment, in the form that the
 * datagram's way needs.  Never changed after it is made, so that all threads
 * share it without a lock; the last one that lets go of it frees it.
 */
#ifndef DAEMON_LOCALNET_H
#define DAEMON_LOCALNET_H

#include "daemon/path/ends.h"
#include "daemon/path/guard.h"
#include "platform/network.h"

#include <stdatomic.h>

/* An address, and the interface that it is on. */
struct localnet_address {
	struct mh_address address;
	uint32_t if_index;
};

struct localnet {
	atomic_uint references;
	struct host_network network;       /* the interfaces only */
	struct guard_network guard;        /* addresses, sorted */
	struct ends_candidates candidates; /* that others can reach */
	struct prefix_table *on_link;      /* see neighbours_networks() */
	uint32_t *vrf;                     /* interfaces in a VRF */
	size_t vrf_count;
	struct localnet_address *addresses; /* sorted */
	size_t address_count;
};

/*
 * Make one of *network, which is empty afterwards, with one reference.  NULL
 * when out of memory.
 */
struct localnet *localnet_new(struct host_network *network);

/* Are the same interfaces in a VRF?  other: NULL is allowed. */
bool localnet_has_vrf_of(
    const struct localnet *localnet, const struct localnet *other);

/*
 * The name of the interface that an address of this host is on, one of them if
 * there are several; "" if it is on none, such as a broadcast address.
 */
const char *localnet_name_of(
    const struct localnet *localnet, const struct mh_address *address);

/* Take another reference.  Any thread that has one. */
struct localnet *localnet_hold(struct localnet *localnet);

/* Let go of one; NULL is allowed.  Any thread. */
void localnet_release(struct localnet *localnet);

#endif
