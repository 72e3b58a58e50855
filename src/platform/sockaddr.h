/* SPDX-License-Identifier: ISC */
/*
 * struct sockaddr to struct mh_address and back: the one place that knows
 * v4-mapped addresses.  Inline, because each datagram needs it.
 *
 * The system's headers come by build.h, in which configure names the room.
 */
#ifndef PLATFORM_SOCKADDR_H
#define PLATFORM_SOCKADDR_H

#include "build.h"

#include PLATFORM_SYSTEM_H

#include "lib/multihome.h"

#include <string.h>

/* RFC 4291, section 2.5.5.2. */
static const uint8_t sockaddr_mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* The system's number of a family, for socket(). */
static inline int
sockaddr_family(enum mh_family family)
{
	return family == MH_FAMILY_IPV4 ? AF_INET : AF_INET6;
}

/*
 * Fill in the name for a socket of that family; returns its exact length.  An
 * IPv4 address on an IPv6 socket is v4-mapped; one of family none is the
 * wildcard of the socket's own.
 */
static inline socklen_t
sockaddr_set(struct sockaddr_in6 *name, enum mh_family socket_family,
    const struct mh_address *address)
{
	if (socket_family == MH_FAMILY_IPV4) {
		struct sockaddr_in name4 = { .sin_family = AF_INET };

		name4.sin_port = htons(address->port);
		memcpy(&name4.sin_addr, address->ip, 4);
		memcpy(name, &name4, sizeof(name4));
		return sizeof(name4);
	}
	name->sin6_family = AF_INET6;
	name->sin6_port = htons(address->port);
	name->sin6_flowinfo = 0;
	name->sin6_scope_id = address->scope;
	if (address->family == MH_FAMILY_IPV4) {
		memcpy(&name->sin6_addr, sockaddr_mapped_prefix, 12);
		memcpy((uint8_t *)&name->sin6_addr + 12, address->ip, 4);
	} else
		memcpy(&name->sin6_addr, address->ip, 16);
	return sizeof(*name);
}

/*
 * Read a name that has room for IPv6, whatever it is: family none and port 0
 * if it is neither IPv4 nor IPv6.
 */
static inline void
sockaddr_get(const struct sockaddr_in6 *name, struct mh_address *address)
{
	const uint8_t *ip = (const uint8_t *)&name->sin6_addr;
	bool mapped = false;

	memset(address, 0, sizeof(*address));
	if (name->sin6_family == AF_INET)
		ip = (const uint8_t *)name +
		    offsetof(struct sockaddr_in, sin_addr);
	else if (name->sin6_family == AF_INET6)
		mapped = memcmp(ip, sockaddr_mapped_prefix, 12) == 0;
	else
		return;
	address->port = ntohs(name->sin6_port); /* where sin_port is, too */
	if (mapped || name->sin6_family == AF_INET) {
		address->family = MH_FAMILY_IPV4;
		memcpy(address->ip, mapped ? ip + 12 : ip, 4);
		return;
	}
	address->family = MH_FAMILY_IPV6;
	memcpy(address->ip, ip, 16);
	address->scope = name->sin6_scope_id;
}

#endif
