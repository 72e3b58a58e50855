/* SPDX-License-Identifier: ISC */
/*
 * The library's own half of the rule; mh_reply_address() is the public one.
 * Pure, see reply.c.
 */
#ifndef LIB_REPLY_H
#define LIB_REPLY_H

#include "platform/udp.h"

#include <string.h>

/* Does it ask for nothing but the default?  All of it at once. */
static inline bool
mh__policy_is_default(const struct mh_source_policy *policy)
{
	uint64_t words[2];

	_Static_assert(sizeof(words) == sizeof(*policy), "two words");
	if (policy == NULL)
		return true;
	memcpy(words, policy, sizeof(words));
	return (words[0] | words[1]) == 0;
}

/* Does it ask only for what this version knows?  It is not the default. */
static inline bool
mh__policy_is_understood(const struct mh_source_policy *policy)
{
	static const struct mh_source_policy defaults;

	return memcmp(policy->reserved, defaults.reserved,
		   sizeof(defaults.reserved)) == 0;
}

/*
 * Derive the local address of a received datagram, and its MH_TO_* and
 * MH_BOUND flags, from what the system reported on its arrival on the socket.
 * In this order: the address the system would answer from (ipi_spec_dst), the
 * IPv4 destination if unicast, the IPv6 destination (unmapped if v4-mapped),
 * the address that the socket is bound to, none.  An unspecified address counts
 * as unknown.  A multicast group or a broadcast address is never a local
 * address: if nothing better is known, the family is set and the address is
 * :: or 0.0.0.0, "the system picks".  Pure.
 */
void mh__reply_local(struct mh_datagram *received,
    const struct mh__arrival *arrival, const struct mh__udp *udp);

/*
 * Must this reply (or the request that it answers) name the interface, because
 * without it the addresses would mean nothing, or another network?  Pure.
 */
bool mh__reply_needs_interface(const struct mh_datagram *datagram);

#endif
