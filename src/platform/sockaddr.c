/* SPDX-License-Identifier: ISC */
/*
 * The public conversions of multihome_sockaddr.h, over those of this room.
 * Compiled against the system's own headers.
 */
#include "platform/sockaddr.h"

#include "lib/multihome_sockaddr.h"

#include <string.h>

/* The length of a name of that family; 0 for other families. */
static size_t
length_of(unsigned int family)
{
	switch (family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return 0;
	}
}

int
mh_sockaddr_get(
    struct mh_address *address, const struct sockaddr *name, size_t length)
{
	struct sockaddr_in6 copy = { .sin6_family = AF_UNSPEC };
	size_t needed;

	if (length < offsetof(struct sockaddr, sa_data))
		return MH_EINVALID;
	memcpy(&copy, name, offsetof(struct sockaddr, sa_data));
	needed = length_of(copy.sin6_family);
	if (needed == 0)
		return MH_EFAMILY;
	if (length < needed)
		return MH_EINVALID;
	memcpy(&copy, name, needed);
	sockaddr_get(&copy, address);
	return 0;
}

/* Is it a family that names have? */
static bool
is_ip(unsigned int family)
{
	return family == MH_FAMILY_IPV4 || family == MH_FAMILY_IPV6;
}

unsigned int
mh_sockaddr_set(struct sockaddr_storage *name, const struct mh_address *address,
    enum mh_family family)
{
	struct sockaddr_in6 filled = { .sin6_family = AF_UNSPEC };
	unsigned int length;

	if (family == MH_FAMILY_NONE)
		family = (enum mh_family)address->family;
	if (!is_ip(family) ||
	    (address->family != MH_FAMILY_NONE && !is_ip(address->family)) ||
	    (family == MH_FAMILY_IPV4 && address->family == MH_FAMILY_IPV6))
		return 0;
	length = (unsigned int)sockaddr_set(&filled, family, address);
	memset(name, 0, sizeof(*name));
	memcpy(name, &filled, length);
	return length;
}
