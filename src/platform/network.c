/* SPDX-License-Identifier: ISC */
/*
 * The part of platform/network.h that is alike on both systems.
 */
#include "platform/network.h"

#include "platform/sockaddr.h"

#include <stdlib.h>
#include <string.h>

void
host_network_free(struct host_network *network)
{
	free(network->addresses);
	free(network->interfaces);
	*network = (struct host_network){ .addresses = NULL };
}

static int
compare_interfaces(const void *a, const void *b)
{
	uint32_t one = ((const struct host_interface *)a)->index;
	uint32_t other = ((const struct host_interface *)b)->index;

	return one < other ? -1 : one > other;
}

/* Its place; interface_count if there is none of that index. */
static size_t
find_interface(const struct host_network *network, uint32_t index)
{
	size_t low = 0, high = network->interface_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (network->interfaces[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < network->interface_count &&
		network->interfaces[low].index == index
	    ? low
	    : network->interface_count;
}

void
host_network_sort(struct host_network *network)
{
	const struct host_address *at = network->addresses;
	const struct host_address *end = at + network->address_count;
	size_t i;

	if (network->interface_count > 0)
		qsort(network->interfaces, network->interface_count,
		    sizeof(*network->interfaces), compare_interfaces);
	for (; at < end; at++) {
		if (at->address.family != MH_FAMILY_IPV4 ||
		    mh_address_class(&at->address) != MH_CLASS_LINK_LOCAL)
			continue;
		i = find_interface(network, at->if_index);
		if (i < network->interface_count)
			network->interfaces[i].ipv4_link_local = true;
	}
}

void
host_broadcast_get(struct mh_address *broadcast,
    const struct mh_address *address, unsigned int prefix)
{
	unsigned int bit;

	*broadcast = (struct mh_address){ .family = MH_FAMILY_NONE };
	if (address->family != MH_FAMILY_IPV4 || prefix > 30 ||
	    mh_address_class(address) == MH_CLASS_LOOPBACK)
		return;
	*broadcast = *address;
	for (bit = prefix; bit < 32; bit++)
		broadcast->ip[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
}

const struct host_interface *
host_network_interface(const struct host_network *network, uint32_t index)
{
	size_t i = find_interface(network, index);

	return i < network->interface_count ? &network->interfaces[i] : NULL;
}

const char *
host_network_name(const struct host_network *network, uint32_t index)
{
	const struct host_interface *found =
	    host_network_interface(network, index);

	return found != NULL ? found->name : "";
}

uint32_t
host_network_follow(const struct host_network *network,
    char name[HOST_INTERFACE_NAME], uint32_t index)
{
	const char *now = host_network_name(network, index);
	size_t i;

	if (*name == '\0')
		memcpy(name, now, strlen(now) + 1);
	for (i = 0; *name != '\0' && i < network->interface_count; i++)
		if (strcmp(network->interfaces[i].name, name) == 0)
			return network->interfaces[i].index;
	return *now != '\0' ? index : 0;
}

bool
host_network_resolves(const struct host_network *network, uint32_t index)
{
	const struct host_interface *found =
	    host_network_interface(network, index);

	return found != NULL && found->resolves;
}

void
host_address_get(struct mh_address *address, const void *name)
{
	struct sockaddr_in6 copy = { .sin6_family = AF_UNSPEC };

	/* The family first: it says how much more there is. */
	if (name != NULL)
		memcpy(&copy, name, sizeof(copy.sin6_family));
	if (copy.sin6_family == AF_INET)
		memcpy(&copy, name, sizeof(struct sockaddr_in));
	else if (copy.sin6_family == AF_INET6)
		memcpy(&copy, name, sizeof(copy));
	sockaddr_get(&copy, address);
}
