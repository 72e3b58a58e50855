/* SPDX-License-Identifier: ISC */
/*
 * The tables as of one moment, made where nobody waits for them.
 */
#include "daemon/localnet.h"

#include "daemon/path/neighbours.h"

#include <stdlib.h>
#include <string.h>

static void
localnet_free(struct localnet *localnet)
{
	host_network_free(&localnet->network);
	guard_network_clear(&localnet->guard);
	prefix_table_free(localnet->on_link);
	ends_candidates_clear(&localnet->candidates);
	free(localnet->vrf);
	free(localnet);
}

static bool
find_vrf(struct localnet *localnet)
{
	const struct host_network *network = &localnet->network;
	size_t i;

	localnet->vrf =
	    calloc(network->interface_count + 1, sizeof(*localnet->vrf));
	if (localnet->vrf == NULL)
		return false;
	for (i = 0; i < network->interface_count; i++)
		if (network->interfaces[i].in_vrf)
			localnet->vrf[localnet->vrf_count++] =
			    network->interfaces[i].index;
	return true;
}

struct localnet *
localnet_new(struct host_network *network)
{
	struct localnet *localnet = calloc(1, sizeof(*localnet));

	if (localnet == NULL) {
		host_network_free(network);
		return NULL;
	}
	atomic_init(&localnet->references, 1);
	localnet->network = *network;
	*network = (struct host_network){ .addresses = NULL };
	network = &localnet->network;
	if (!guard_network_make(&localnet->guard, network) ||
	    !neighbours_networks(network, &localnet->on_link) ||
	    !ends_gather(&localnet->candidates, network) ||
	    !find_vrf(localnet)) {
		localnet_free(localnet);
		return NULL;
	}
	/* The tables have all of them. */
	free(network->addresses);
	network->addresses = NULL;
	network->address_count = 0;
	return localnet;
}

bool
localnet_has_vrf_of(
    const struct localnet *localnet, const struct localnet *other)
{
	return other != NULL && localnet->vrf_count == other->vrf_count &&
	    (other->vrf_count == 0 ||
		memcmp(localnet->vrf, other->vrf,
		    other->vrf_count * sizeof(*other->vrf)) == 0);
}

struct localnet *
localnet_hold(struct localnet *localnet)
{
	atomic_fetch_add_explicit(
	    &localnet->references, 1, memory_order_relaxed);
	return localnet;
}

void
localnet_release(struct localnet *localnet)
{
	if (localnet != NULL &&
	    atomic_fetch_sub_explicit(
		&localnet->references, 1, memory_order_acq_rel) == 1)
		localnet_free(localnet);
}
