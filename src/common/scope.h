/* SPDX-License-Identifier: ISC */
/*
 * IPv6 addresses that every link has for itself, fe80::1, and that mean nothing
 * without their interface, fe80::1%eth0.
 */
#ifndef COMMON_SCOPE_H
#define COMMON_SCOPE_H

#include "lib/multihome.h"

/*
 * Is the address, unicast or multicast, one of its link (RFC 4007), or of an
 * interface, but which of them does it not say?  Linux binds no socket to it
 * and has no route to it.
 */
bool scope_is_missing(const struct mh_address *address);

#endif
