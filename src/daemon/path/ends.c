/* SPDX-License-Identifier: ISC */
/*
 * Four ends for a request: (asked or other address) x (asked or other port).
 * A wildcard socket can send from another address itself; a socket for one
 * address needs a sibling for that.
 */
#include "daemon/path/ends.h"
#include "platform/network.h"

/* Can hosts on other links reach this one by it? */
static bool
is_routable(const struct mh_address *address)
{
	switch (mh_address_class(address)) {
	case MH_CLASS_PRIVATE:
	case MH_CLASS_UNIQUE_LOCAL:
	case MH_CLASS_GLOBAL:
		return true;
	default:
		return false;
	}
}

void
ends_learn(struct ends_addresses *addresses, const struct host_network *network)
{
	const struct mh_address *address;
	struct mh_address *found;
	size_t i;

	*addresses = (struct ends_addresses){ .ipv4 = { { .family = 0 } } };
	for (i = 0; i < network->address_count; i++) {
		address = &network->addresses[i].address;
		found = address->family == MH_FAMILY_IPV4 ? addresses->ipv4
							  : addresses->ipv6;
		if (found[0].family != MH_FAMILY_NONE)
			found++;
		/* Not while it is tentative (RFC 4862). */
		if (found->family == MH_FAMILY_NONE && is_routable(address) &&
		    mh_address_is_local(address))
			*found = *address;
	}
}

static bool
is_wildcard(const struct ends_member *member)
{
	return mh_address_class(&member->bound) == MH_CLASS_UNSPECIFIED;
}

static bool
serves(const struct ends_member *member, unsigned int family)
{
	return (member->can &
		   (family == MH_FAMILY_IPV4 ? MH_CAN_IPV4 : MH_CAN_IPV6)) != 0;
}

/* The member's counterpart: same address, the service's other port. */
static const struct ends_member *
partner_of(const struct ends *ends, const struct ends_member *member,
    unsigned int family)
{
	const struct ends_member *at = ends->members;

	for (; at < ends->members + ends->count; at++)
		if (at->pair == member->pair &&
		    at->is_other != member->is_other && serves(at, family))
			return at;
	return NULL;
}

/* Can a peer that reaches the one address receive from the other? */
static bool
is_alternative(const struct mh_address *address, const struct mh_address *asked)
{
	return is_routable(address) ||
	    (mh_address_class(address) == mh_address_class(asked) &&
		address->scope == asked->scope);
}

/* A socket on the same port for a different address. */
static const struct ends_member *
sibling_of(const struct ends *ends, const struct ends_member *member)
{
	const struct ends_member *at = ends->members;

	for (; at < ends->members + ends->count; at++)
		if (at->bound.family == member->bound.family &&
		    at->bound.port == member->bound.port && !is_wildcard(at) &&
		    mh_address_compare(&at->bound, &member->bound) != 0 &&
		    is_alternative(&at->bound, &member->bound))
			return at;
	return NULL;
}

static void
set_end(struct ends_choice *choice, enum service_end end,
    const struct mh_address *address, const struct ends_member *member)
{
	if (member == NULL || address->family == MH_FAMILY_NONE)
		return;
	choice->addresses[end] = *address;
	choice->addresses[end].port = member->bound.port;
	choice->outboxes[end] = member->outbox;
}

/* An address of this host in the same family that is not this one. */
static const struct mh_address *
second_address(
    const struct ends_addresses *addresses, const struct mh_address *asked)
{
	const struct mh_address *two =
	    asked->family == MH_FAMILY_IPV4 ? addresses->ipv4 : addresses->ipv6;

	return mh_address_compare(&two[0], asked) != 0 ? &two[0] : &two[1];
}

static const struct ends_member *
member_of(const struct ends *ends, const struct outbox *outbox)
{
	const struct ends_member *at = ends->members;

	for (; at < ends->members + ends->count; at++)
		if (at->outbox == outbox)
			return at;
	return NULL;
}

void
ends_choose(const struct ends *ends, struct outbox *outbox,
    const struct mh_datagram *request, struct ends_choice *choice)
{
	const struct ends_member *self = member_of(ends, outbox);
	const struct ends_member *partner, *sibling, *both;
	const struct mh_address *asked = &request->local, *second;
	unsigned int family = request->peer.family;

	*choice = (struct ends_choice){ .outboxes = { outbox } };
	/* A socket whose plan is not in effect yet. */
	if (self == NULL)
		return;
	if (asked->family == MH_FAMILY_NONE && !is_wildcard(self))
		asked = &self->bound;
	set_end(choice, SERVICE_ASKED, asked, self);
	if (asked->family == MH_FAMILY_NONE ||
	    (request->flags & (MH_TO_BROADCAST | MH_TO_MULTICAST)) != 0)
		return;
	partner = partner_of(ends, self, family);
	set_end(choice, SERVICE_OTHER_PORT, asked, partner);
	sibling = is_wildcard(self) ? self : sibling_of(ends, self);
	if (sibling == NULL)
		return;
	second = is_wildcard(self) ? second_address(ends->addresses, asked)
				   : &sibling->bound;
	set_end(choice, SERVICE_OTHER_ADDRESS, second, sibling);
	both = partner_of(ends, sibling, family);
	/* The sibling's pair may be other ports than ours: A:1 and 2, B:2
	 * and 3. */
	if (both != NULL && partner != NULL &&
	    both->bound.port == partner->bound.port)
		set_end(choice, SERVICE_OTHER_BOTH, second, both);
}
