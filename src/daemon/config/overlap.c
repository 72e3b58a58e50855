/* SPDX-License-Identifier: ISC */
/*
 * An endpoint with an address conflicts only with the same one or with
 * wildcards of its port, so most endpoints need not be compared.
 */
#include "daemon/config/overlap.h"

#include <stdlib.h>

enum { WITH_IPV4 = 1 << 0, WITH_IPV6 = 1 << 1 };

static bool
is_any(const struct mh_address *endpoint)
{
	return endpoint->family == MH_FAMILY_NONE ||
	    mh_address_class(endpoint) == MH_CLASS_UNSPECIFIED;
}

/* The families in which an endpoint is listened on. */
static unsigned int
families(const struct mh_address *endpoint, unsigned int stack)
{
	static const unsigned int of_wildcards[] = {
		[MH_STACK_DUAL] = WITH_IPV4 | WITH_IPV6,
		[MH_STACK_TWO] = WITH_IPV4 | WITH_IPV6,
		[MH_STACK_IPV4] = WITH_IPV4,
		[MH_STACK_IPV6] = WITH_IPV6,
	};

	if (endpoint->family == MH_FAMILY_IPV4)
		return WITH_IPV4;
	if (is_any(endpoint))
		return of_wildcards[stack];
	return WITH_IPV6;
}

/*
 * Do the two endpoints conflict?  With several workers the system would bind to
 * both, and spread the datagrams over them.
 */
static bool
conflict(const struct mh_address *one, const struct mh_address *other,
    unsigned int stack)
{
	return one->port != 0 && one->port == other->port &&
	    (families(one, stack) & families(other, stack)) != 0 &&
	    (is_any(one) || is_any(other) ||
		mh_address_compare(one, other) == 0);
}

static uint32_t
hash_port(const struct mh_address *endpoint)
{
	return hashindex_hash(0, &endpoint->port, sizeof(endpoint->port));
}

/* All wildcards of a port have the same hash. */
static uint32_t
hash_address(const struct mh_address *endpoint)
{
	static const uint8_t any[16];

	return hashindex_hash(hash_port(endpoint),
	    is_any(endpoint) ? any : endpoint->ip, sizeof(any));
}

/* Room for one more. */
static bool
make_room(struct overlap *overlap)
{
	size_t room = 2 * overlap->room + 16;
	struct overlap_entry *grown;

	if (overlap->count < overlap->room)
		return true;
	grown = realloc(overlap->entries, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	overlap->entries = grown;
	overlap->room = room;
	return true;
}

bool
overlap_add(struct overlap *overlap, const struct config_service *service,
    const struct mh_address *endpoint)
{
	/* Both indexes must give an entry the same number. */
	if (overlap->lost || !make_room(overlap) ||
	    !hashindex_add(&overlap->by_port, hash_port(endpoint)) ||
	    !hashindex_add(&overlap->by_address, hash_address(endpoint))) {
		overlap->lost = true;
		return false;
	}
	overlap->entries[overlap->count++] =
	    (struct overlap_entry){ service, endpoint };
	return true;
}

/* The first conflict among those of the same hash. */
static uint32_t
find_in(const struct overlap *overlap, const struct hashindex *index,
    uint32_t hash, const struct mh_address *endpoint)
{
	uint32_t i = hashindex_first(index, hash);

	while (i != HASHINDEX_NONE &&
	    !conflict(overlap->entries[i].endpoint, endpoint, overlap->stack))
		i = hashindex_next(index, i);
	return i;
}

const struct overlap_entry *
overlap_find(const struct overlap *overlap, const struct mh_address *endpoint)
{
	struct mh_address any = { .port = endpoint->port };
	uint32_t found, other;

	if (overlap->lost)
		return NULL;
	if (is_any(endpoint)) {
		found = find_in(
		    overlap, &overlap->by_port, hash_port(endpoint), endpoint);
	} else {
		found = find_in(overlap, &overlap->by_address,
		    hash_address(endpoint), endpoint);
		other = find_in(overlap, &overlap->by_address,
		    hash_address(&any), endpoint);
		if (other < found)
			found = other;
	}
	return found != HASHINDEX_NONE ? &overlap->entries[found] : NULL;
}

void
overlap_clear(struct overlap *overlap)
{
	free(overlap->entries);
	hashindex_clear(&overlap->by_port);
	hashindex_clear(&overlap->by_address);
	*overlap = (struct overlap){ .stack = overlap->stack };
}
