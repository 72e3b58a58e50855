/* SPDX-License-Identifier: ISC */
/*
 * IPv6 addresses that belong to one link, such as fe80::1, and so mean nothing
 * without an interface: fe80::1%eth0.
 */
#ifndef COMMON_SCOPE_H
#define COMMON_SCOPE_H

#include "lib/multihome.h"

/*
 * Is this a link-local or interface-local address (RFC 4007), unicast or
 * multicast, that does not name its interface?  Linux binds no socket to such
 * an address and has no route to it.
 */
bool scope_is_missing(const struct mh_address *address);

#endif
