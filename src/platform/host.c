/* SPDX-License-Identifier: ISC */
/*
 * The part of platform/host.h that is the same on every system.
 */
#include "platform/host.h"

#include <stdlib.h>

void
host_network_free(struct host_network *network)
{
	free(network->addresses);
	free(network->interfaces);
	*network = (struct host_network){ .addresses = NULL };
}

const char *
host_network_name(const struct host_network *network, uint32_t index)
{
	size_t low = 0, high = network->interface_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (network->interfaces[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < network->interface_count &&
	    network->interfaces[low].index == index)
		return network->interfaces[low].name;
	return "";
}
