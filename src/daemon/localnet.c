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
	free(localnet->addresses);
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

/* As stats.c knows them: the scope says which of several it is. */
static int
compare_addresses(const void *a, const void *b)
{
	return mh_address_compare(
	    &((const struct localnet_address *)a)->address,
	    &((const struct localnet_address *)b)->address);
}

static bool
find_addresses(struct localnet *localnet)
{
	const struct host_network *network = &localnet->network;
	size_t i;

	localnet->addresses =
	    calloc(network->address_count + 1, sizeof(*localnet->addresses));
	if (localnet->addresses == NULL)
		return false;
	for (i = 0; i < network->address_count; i++)
		localnet->addresses[i] =
		    (struct localnet_address){ network->addresses[i].address,
			    network->addresses[i].if_index };
	localnet->address_count = network->address_count;
	if (localnet->address_count > 0)
		qsort(localnet->addresses, localnet->address_count,
		    sizeof(*localnet->addresses), compare_addresses);
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
	    !find_vrf(localnet) || !find_addresses(localnet)) {
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

const char *
localnet_name_of(
    const struct localnet *localnet, const struct mh_address *address)
{
	const struct localnet_address wanted = { .address = *address };
	const struct localnet_address *found =
	    bsearch(&wanted, localnet->addresses, localnet->address_count,
		sizeof(*localnet->addresses), compare_addresses);

	return found != NULL
	    ? host_network_name(&localnet->network, found->if_index)
	    : "";
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
