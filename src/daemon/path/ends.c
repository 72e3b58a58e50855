/* SPDX-License-Identifier: ISC */
/*
 * Four ends for a request: (asked or other address) x (asked or other port).
 * A wildcard socket can send from another address itself; a socket for one
 * address needs a sibling for that.
 */
#include "daemon/path/ends.h"
#include "platform/network.h"

#include <stdlib.h>

bool
ends_is_routable(const struct mh_address *address)
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

static bool
in_vrf(const struct host_network *network, const struct host_address *at)
{
	const struct host_interface *interface =
	    host_network_interface(network, at->if_index);

	return interface != NULL && interface->in_vrf;
}

bool
ends_gather(
    struct ends_candidates *candidates, const struct host_network *network)
{
	const struct host_address *at = network->addresses;
	const struct host_address *end = at + network->address_count;
	int deprecated;

	*candidates =
	    (struct ends_candidates){ .items =
					  calloc(network->address_count + 1,
					      sizeof(*candidates->items)) };
	if (candidates->items == NULL)
		return false;
	for (deprecated = 0; deprecated < 2; deprecated++)
		for (at = network->addresses; at < end; at++)
			if (at->is_deprecated == (deprecated != 0) &&
			    at->state == HOST_ADDRESS_USABLE &&
			    ends_is_routable(&at->address) &&
			    !in_vrf(network, at))
				candidates->items[candidates->count++] =
				    at->address;
	return true;
}

void
ends_candidates_clear(struct ends_candidates *candidates)
{
	free(candidates->items);
	*candidates = (struct ends_candidates){ .items = NULL };
}

/* Its place in a list; the list's length if it is not there. */
static size_t
find(const struct mh_address *list, size_t count,
    const struct mh_address *address)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (mh_address_compare(&list[i], address) == 0)
			break;
	return i;
}

static size_t
named_count(const struct ends *ends)
{
	return ends->others != NULL ? ends->others->named_count : 0;
}

/* Its rank among what the operator has named; after those, if it is not. */
static size_t
rank_of(const struct ends *ends, const struct mh_address *address)
{
	return named_count(ends) == 0
	    ? 0
	    : find(ends->others->named, ends->others->named_count, address);
}

bool
ends_are_named(const struct ends *ends, unsigned int family)
{
	size_t i;

	for (i = 0; i < named_count(ends); i++)
		if (ends->others->named[i].family == family)
			return true;
	return false;
}

static enum ends_zone
zone_of(const struct ends *ends, const struct mh_address *address)
{
	const struct service_others *others = ends->others;

	if (mh_address_class(address) == MH_CLASS_GLOBAL ||
	    (others != NULL &&
		find(others->mapped, others->mapped_count, address) <
		    others->mapped_count))
		return ENDS_PUBLIC;
	return ENDS_PRIVATE;
}

/* May requests to the one address be answered from one of that rank? */
static bool
is_permitted(
    const struct ends *ends, const struct mh_address *asked, size_t rank)
{
	return rank < named_count(ends) ||
	    !ends_are_named(ends, asked->family) ||
	    rank_of(ends, asked) < named_count(ends);
}

/* Keep it if it is better than one of the two. */
static void
offer(struct ends_option two[2], const struct ends_option *option)
{
	int i = 0;

	while (i < 2 && two[i].address.family != MH_FAMILY_NONE &&
	    two[i].rank <= option->rank) {
		if (mh_address_compare(&two[i].address, &option->address) == 0)
			return;
		i++;
	}
	if (i == 2)
		return;
	if (i == 0)
		two[1] = two[0];
	two[i] = *option;
}

static struct ends_option *
options_of(
    struct ends_addresses *addresses, unsigned int family, enum ends_zone zone)
{
	return addresses->options[family == MH_FAMILY_IPV6][zone];
}

const struct ends_option *
ends_options(const struct ends *ends, unsigned int family, enum ends_zone zone)
{
	return ends->addresses.options[family == MH_FAMILY_IPV6][zone];
}

/* What the operator has named is for everybody. */
static void
consider(struct ends *ends, const struct mh_address *address)
{
	const struct ends_option option = { *address, rank_of(ends, address) };
	const enum ends_zone own = zone_of(ends, address);
	unsigned int zone;

	if (ends->serve != NULL &&
	    prefix_table_find(ends->serve, address, 0) == 0)
		return;
	for (zone = 0; zone < ENDS_ZONES; zone++)
		if (zone == own || option.rank < named_count(ends))
			offer(
			    options_of(&ends->addresses, address->family, zone),
			    &option);
}

void
ends_learn(struct ends *ends, const struct ends_candidates *candidates,
    const struct guard_own *own)
{
	struct ends_member *member = ends->members;
	size_t i;

	ends->addresses = (struct ends_addresses){ .options[0][0][0].rank = 0 };
	for (i = 0; i < candidates->count; i++)
		consider(ends, &candidates->items[i]);
	for (; member < ends->members + ends->count; member++)
		member->is_gone = ends_is_routable(&member->bound) &&
		    !guard_is_own(own, &member->bound);
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

/*
 * How good is the one address for peers that reach the other?  The less the
 * better; SIZE_MAX: they cannot, or must not.
 */
static size_t
fitness(const struct ends *ends, const struct mh_address *asked,
    const struct mh_address *address)
{
	size_t rank = rank_of(ends, address);

	if (!is_permitted(ends, asked, rank))
		return SIZE_MAX;
	if (rank < named_count(ends))
		return rank;
	if (!ends_is_routable(address))
		return mh_address_class(address) == mh_address_class(asked) &&
			address->scope == asked->scope
		    ? rank
		    : SIZE_MAX;
	if (zone_of(ends, address) == zone_of(ends, asked))
		return rank;
	/* From inside, one reaches what is outside. */
	return zone_of(ends, address) == ENDS_PUBLIC ? rank + 1 : SIZE_MAX;
}

/* The best socket on the same port for a different address. */
static const struct ends_member *
sibling_of(const struct ends *ends, const struct ends_member *member)
{
	const struct ends_member *at = ends->members, *best = NULL;
	size_t found, least = SIZE_MAX;

	for (; at < ends->members + ends->count; at++) {
		if (at->bound.family != member->bound.family ||
		    at->bound.port != member->bound.port || is_wildcard(at) ||
		    at->is_gone ||
		    mh_address_compare(&at->bound, &member->bound) == 0)
			continue;
		found = fitness(ends, &member->bound, &at->bound);
		if (found < least) {
			least = found;
			best = at;
		}
	}
	return best;
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

/* Of two that are in a zone, one that is not the asked one; or NULL. */
static const struct mh_address *
second_in(const struct ends *ends, const struct mh_address *asked,
    enum ends_zone zone)
{
	const struct ends_option *option =
	    ends_options(ends, asked->family, zone);

	if (mh_address_compare(&option->address, asked) == 0)
		option++;
	return option->address.family != MH_FAMILY_NONE &&
		is_permitted(ends, asked, option->rank)
	    ? &option->address
	    : NULL;
}

const struct mh_address *
ends_second(const struct ends *ends, const struct mh_address *asked)
{
	const enum ends_zone zone = zone_of(ends, asked);
	const struct mh_address *second = second_in(ends, asked, zone);

	/* From inside, one reaches what is outside. */
	return second == NULL && zone == ENDS_PRIVATE
	    ? second_in(ends, asked, ENDS_PUBLIC)
	    : second;
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
	if (sibling == NULL || (request->flags & MH_VIA_VRF) != 0)
		return;
	second = is_wildcard(self) ? ends_second(ends, asked) : &sibling->bound;
	if (second == NULL)
		return;
	set_end(choice, SERVICE_OTHER_ADDRESS, second, sibling);
	both = partner_of(ends, sibling, family);
	/* The sibling's pair may be other ports than ours: A:1 and 2, B:2
	 * and 3. */
	if (both != NULL && partner != NULL &&
	    both->bound.port == partner->bound.port)
		set_end(choice, SERVICE_OTHER_BOTH, second, both);
}

void
ends_send_taken(const struct ends *ends, struct mh_batch *batch, int64_t now)
{
	size_t i;

	for (i = 0; i < ends->count; i++)
		outbox_send_taken(ends->members[i].outbox, batch, now);
}
