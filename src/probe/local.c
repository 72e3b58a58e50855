/* SPDX-License-Identifier: ISC */
/*
 * This host as a target.  The list of addresses has more than can be asked, and
 * each that is left out would be taken for one that is right.
 */
#include "probe/local.h"

#include <string.h>

static bool
is_in_vrf(const struct host_network *network, uint32_t if_index)
{
	size_t i;

	for (i = 0; i < network->interface_count; i++)
		if (network->interfaces[i].index == if_index)
			return network->interfaces[i].in_vrf;
	return false;
}

const char *
local_obstacle(
    const struct host_network *network, const struct host_address *at)
{
	if (at->state == HOST_ADDRESS_DUPLICATE)
		return "duplicate address detection failed (RFC 4862)";
	if (at->state == HOST_ADDRESS_TENTATIVE)
		return "tentative: duplicate address detection is not over "
		       "(is the link up?)";
	if (mh_address_is_local(&at->address))
		return NULL;
	return is_in_vrf(network, at->if_index)
	    ? "belongs to a VRF: run this program in it"
	    : "not in use: its interface is down, or it was removed";
}

static bool
can_ask(const struct host_address *at, const struct mh_address *peer)
{
	const struct mh_address *address = &at->address;

	if (mh_address_class(peer) == MH_CLASS_LOOPBACK &&
	    !host_loopback_reaches(address))
		return false;
	/* By the link of the peer leave its own addresses, says Windows. */
	if (peer->scope != 0 && at->if_index != peer->scope)
		return false;
	return address->family == peer->family &&
	    mh_address_class(address) != MH_CLASS_LINK_LOCAL &&
	    mh_address_class(address) != MH_CLASS_LOOPBACK &&
	    memcmp(address->ip, peer->ip, 16) != 0 &&
	    at->state == HOST_ADDRESS_USABLE && mh_address_is_local(address);
}

struct mh_address
local_other(const struct host_network *network, const struct mh_address *peer)
{
	struct mh_address other = { .family = MH_FAMILY_NONE };
	const struct host_address *at;
	uint32_t link = 0;
	size_t i;

	if (peer->family == MH_FAMILY_IPV4 &&
	    mh_address_class(peer) == MH_CLASS_LOOPBACK) {
		other = (struct mh_address){ .family = MH_FAMILY_IPV4,
			.ip = { 127, 0, 0, 1 } };
		if (memcmp(peer->ip, other.ip, 4) == 0)
			other.ip[3] = 2;
		return other;
	}
	for (i = 0; i < network->address_count; i++) {
		at = &network->addresses[i];
		if (mh_address_compare(&at->address, peer) == 0)
			link = at->if_index;
	}
	/* Better one beside it: not all systems go from one to another link. */
	for (i = 0; i < network->address_count; i++) {
		at = &network->addresses[i];
		if (!can_ask(at, peer))
			continue;
		if (at->if_index == link)
			return at->address;
		if (other.family == MH_FAMILY_NONE)
			other = at->address;
	}
	return other;
}
