/* SPDX-License-Identifier: ISC */
/*
 * The rule: how a datagram arrived, and so which source may answer it.  Both
 * halves are pure, and no other file decides a source address or an interface
 * index.  This one knows nothing of sockets and systems.
 */
#include "lib/reply.h"

#include <string.h>

static bool
is_unspecified(const uint8_t *ip, size_t size)
{
	static const uint8_t zero[16];

	return memcmp(ip, zero, size) == 0;
}

static void
set_ipv4(struct mh_address *address, const uint8_t ip[4])
{
	*address = (struct mh_address){ .family = MH_FAMILY_IPV4 };
	memcpy(address->ip, ip, 4);
}

static bool
is_unicast(const struct mh_address *address)
{
	switch (mh_address_class(address)) {
	case MH_CLASS_NONE:
	case MH_CLASS_THIS_NETWORK:
	case MH_CLASS_UNSPECIFIED:
	case MH_CLASS_MULTICAST:
	case MH_CLASS_BROADCAST:
		return false;
	default:
		return true;
	}
}

/* What the address alone says of a destination that is not unicast. */
static uint32_t
group_flags(const struct mh_address *target)
{
	switch (mh_address_class(target)) {
	case MH_CLASS_MULTICAST:
		return MH_TO_MULTICAST;
	case MH_CLASS_BROADCAST:
		return MH_TO_BROADCAST;
	default:
		return 0;
	}
}

/*
 * How the IPv4 destination in the header differs from a unicast one of ours.
 * Out of line, off the usual path.
 */
static __attribute__((noinline)) uint32_t
ipv4_target_flags(const struct mh__arrival *arrival)
{
	struct mh_address target;
	uint32_t flags;

	set_ipv4(&target, arrival->ipv4_target);
	flags = group_flags(&target);
	/*
	 * For unicast the system would answer from the address that was asked
	 * (Linux fib_compute_spec_dst()); if it would not, that was the
	 * broadcast address of a subnet.
	 */
	if (flags == 0 && !is_unspecified(arrival->ipv4_source, 4) &&
	    memcmp(arrival->ipv4_source, arrival->ipv4_target, 4) != 0)
		flags = MH_TO_BROADCAST;
	return flags;
}

static bool
local_from_ipv4(struct mh_datagram *received, const struct mh__arrival *arrival)
{
	bool unicast;

	if (!arrival->has_ipv4)
		return false;
	set_ipv4(&received->local, arrival->ipv4_source);
	unicast = is_unicast(&received->local);
	/* The usual case: one of our addresses was asked, and it can answer. */
	if (unicast &&
	    memcmp(arrival->ipv4_source, arrival->ipv4_target, 4) == 0)
		return true;
	received->flags |= ipv4_target_flags(arrival);
	if (unicast)
		return true;
	set_ipv4(&received->local, arrival->ipv4_target);
	return is_unicast(&received->local) && !arrival->to_broadcast;
}

/* As mh_address_class() says; here, because each reply asks for it twice. */
static inline bool
is_link_local_ipv6(const struct mh_address *address)
{
	return address->family == MH_FAMILY_IPV6 && address->ip[0] == 0xfe &&
	    address->ip[1] >> 6 == 2;
}

/*
 * The link that a datagram came by: that of a link-local peer, else the arrival
 * interface.  They differ where this host asks itself, and the system says that
 * it came by loopback (Windows): the address is not one of that.
 */
static inline uint32_t
link_of(const struct mh_datagram *received, uint32_t arrival)
{
	return is_link_local_ipv6(&received->peer) && received->peer.scope != 0
	    ? received->peer.scope
	    : arrival;
}

static bool
local_from_ipv6(struct mh_datagram *received, const struct mh__arrival *arrival)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct mh_address *local = &received->local;

	if (!arrival->has_ipv6 || is_unspecified(arrival->ipv6_target, 16))
		return false;
	if (memcmp(arrival->ipv6_target, mapped, sizeof(mapped)) == 0) {
		set_ipv4(local, arrival->ipv6_target + 12);
		received->flags |= group_flags(local);
		return is_unicast(local) && !arrival->to_broadcast;
	}
	*local = (struct mh_address){ .family = MH_FAMILY_IPV6 };
	memcpy(local->ip, arrival->ipv6_target, 16);
	switch (mh_address_class(local)) {
	case MH_CLASS_MULTICAST:
		received->flags |= MH_TO_MULTICAST;
		memset(local->ip, 0, 16);
		break;
	case MH_CLASS_LINK_LOCAL:
		local->scope = link_of(received, arrival->if_index);
		break;
	default:
		break;
	}
	return true;
}

void
mh__reply_local(struct mh_datagram *received, const struct mh__arrival *arrival,
    const struct mh__udp *udp)
{
	const struct mh_address *bound = &udp->bound;

	received->if_index = arrival->if_index;
	if (arrival->to_broadcast)
		received->flags |= MH_TO_BROADCAST;
	if (!local_from_ipv4(received, arrival) &&
	    !local_from_ipv6(received, arrival)) {
		received->local = (struct mh_address){ .family = 0 };
		if (is_unicast(bound))
			received->local = *bound;
		else if ((received->flags &
			     (MH_TO_BROADCAST | MH_TO_MULTICAST)) != 0)
			received->local.family = MH_FAMILY_IPV4;
	}
	received->local.port = bound->port;
	/* Most sockets are bound to no address, so compare that first. */
	if (memcmp(&received->local, bound, sizeof(*bound)) == 0 &&
	    is_unicast(bound))
		received->flags |= MH_BOUND;
}

/*
 * Each link may have a host of that link-local address, and routing knows only
 * one of them.  Of ours, IPv6 says which one it is; IPv4 does not, and one of a
 * global address is reached by routing from there, too.
 */
static inline bool
needs_interface(const struct mh_datagram *datagram)
{
	const struct mh_address *peer = &datagram->peer;

	if ((datagram->flags & (MH_TO_MULTICAST | MH_VIA_VRF)) != 0)
		return true;
	/* The usual case; and the local address is of the same family. */
	if (peer->family == MH_FAMILY_IPV4)
		return peer->ip[0] == 169 && peer->ip[1] == 254;
	return is_link_local_ipv6(peer) || is_link_local_ipv6(&datagram->local);
}

bool
mh__reply_needs_interface(const struct mh_datagram *datagram)
{
	return needs_interface(datagram);
}

/* What is not the default changes a reply.  Out of line, off the usual path. */
static __attribute__((noinline)) int
apply_policy(struct mh_datagram *reply, const struct mh_datagram *request,
    const struct mh_source_policy *policy)
{
	if (!mh__policy_is_understood(policy))
		return MH_EINVALID;
	if (!policy->arrival)
		return 0;
	reply->if_index = link_of(request, request->if_index);
	/* Even that of the socket: the system takes both together. */
	if (request->local.family != MH_FAMILY_NONE)
		reply->local = request->local;
	return 0;
}

static inline int
finish(struct mh_datagram *reply, const struct mh_datagram *request,
    const struct mh_source_policy *policy)
{
	return mh__policy_is_default(policy)
	    ? 0
	    : apply_policy(reply, request, policy);
}

static const struct mh_address none;

/*
 * The local address is unknown, or of another family: is a reply without source
 * allowed?  Out of line, as above.
 */
static __attribute__((noinline)) int
reply_unpinned(struct mh_datagram *reply, const struct mh_datagram *request,
    const struct mh_source_policy *policy)
{
	reply->local = none;
	if (request->local.family != MH_FAMILY_NONE)
		return MH_EFAMILY;
	if ((policy == NULL || !policy->relaxed) &&
	    mh_address_class(&request->peer) != MH_CLASS_LOOPBACK)
		return MH_ESOURCE;
	/* Even without source: the reply must not leave that network. */
	if (needs_interface(request))
		reply->if_index = link_of(request, request->if_index);
	return finish(reply, request, policy);
}

int
mh_reply_address(struct mh_datagram *reply, const struct mh_datagram *request,
    const struct mh_source_policy *policy)
{
	if (request->peer.family == MH_FAMILY_NONE || request->peer.port == 0)
		return MH_EINVALID;
	reply->peer = request->peer;
	reply->local = request->local;
	reply->flags = request->flags & (MH_TO_MULTICAST | MH_VIA_VRF);
	reply->if_index = 0;
	reply->arrival = request->if_index;
	if (request->local.family != request->peer.family)
		return reply_unpinned(reply, request, policy);
	if (needs_interface(request))
		reply->if_index = link_of(request, request->if_index);
	else if ((request->flags & MH_BOUND) != 0)
		reply->local = none;
	return finish(reply, request, policy);
}

int
mh_return_path_take(struct mh_return_path *path,
    const struct mh_datagram *request, struct mh_socket *socket,
    const struct mh_source_policy *policy)
{
	struct mh_datagram reply;
	int error = mh_reply_address(&reply, request, policy);

	if (error != 0)
		return error;
	*path = (struct mh_return_path){
		.peer = reply.peer,
		.local = reply.local,
		.socket = socket,
		.if_index = reply.if_index,
		.flags = reply.flags,
		.arrival = reply.arrival,
	};
	return 0;
}

void
mh_return_path_apply(
    struct mh_datagram *datagram, const struct mh_return_path *path)
{
	datagram->peer = path->peer;
	datagram->local = path->local;
	datagram->if_index = path->if_index;
	datagram->flags = path->flags;
	datagram->arrival = path->arrival;
}
