/* SPDX-License-Identifier: ISC */
/*
 * The struct of the public handle: the platform's socket and what is known of
 * it.
 */
#ifndef LIB_SOCKET_H
#define LIB_SOCKET_H

#include "platform/udp.h"

struct mh_socket {
	struct mh__udp udp;
	struct mh_socket_info info;
	unsigned int processors; /* mh_socket_options.processors */
};

/*
 * May it be of a prefix that is local by its route alone?  Linux knows such an
 * IPv4 address by the routing table as ours; but for an IPv6 one, bind() and
 * the source of a datagram are looked up in the list of addresses, and it needs
 * MH__FREEBIND.  As that lets any other pass as well, it is set only once
 * mh__udp_is_local() has said that the address is ours, and only for that call.
 */
static inline bool
mh__may_be_of_prefix(const struct mh_address *address)
{
	enum mh_class class = mh_address_class(address);

	return address->family == MH_FAMILY_IPV6 &&
	    (class == MH_CLASS_GLOBAL || class == MH_CLASS_UNIQUE_LOCAL);
}

#endif
