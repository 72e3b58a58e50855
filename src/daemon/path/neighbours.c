/* SPDX-License-Identifier: ISC */
/*
 * Our networks are a table of prefixes with our own addresses as holes; the
 * resolved neighbours are a hash table with linear probing.  A resolved
 * neighbour has answered the system itself, so nobody can fill the table with
 * forged addresses; and the hash has a secret key.
 */
#include "daemon/path/neighbours.h"

#include "common/siphash.h"

#include <stdlib.h>
#include <string.h>

#define PLACES_LEAST 64

/* Trials examined for each address. */
#define TRIALS_WAYS 8

enum { OURS, ON_LINK };

void
neighbours_open(struct neighbours *neighbours)
{
	host_neighbours_open(&neighbours->watch);
	neighbours->watched = neighbours->watch.handle >= 0;
	if (neighbours->watched)
		neighbours_read(neighbours);
}

void
neighbours_clear(struct neighbours *neighbours)
{
	if (neighbours->watched)
		host_neighbours_close(&neighbours->watch);
	free(neighbours->entries);
	*neighbours = (struct neighbours){ .watched = false };
}

/*
 * Our networks.
 */

static struct prefix
prefix_of(const struct mh_address *address, unsigned int bits, int value)
{
	struct prefix prefix = {
		.address = *address, .bits = bits, .value = value
	};
	unsigned int bit;

	prefix.address.port = 0;
	prefix.address.scope = 0;
	for (bit = bits; bit < 128; bit++)
		prefix.address.ip[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return prefix;
}

/*
 * The network of an address.  Replies to IPv4 link-local peers leave by a link
 * that has such an address (see compose.c), so they are looked for there, all
 * of them.
 */
static struct prefix
network_of(const struct host_address *at)
{
	unsigned int bits = at->on_link;

	if (bits > 16 && at->address.family == MH_FAMILY_IPV4 &&
	    mh_address_class(&at->address) == MH_CLASS_LINK_LOCAL)
		bits = 16;
	return prefix_of(&at->address, bits, ON_LINK);
}

bool
neighbours_networks(
    const struct host_network *network, struct prefix_table **table)
{
	struct prefix *prefixes =
	    calloc(2 * network->address_count + 1, sizeof(*prefixes));
	const struct host_address *at = network->addresses;
	const struct host_address *end = at + network->address_count;
	size_t count = 0, last;

	*table = NULL;
	if (prefixes == NULL)
		return false;
	for (; at < end; at++)
		if (at->on_link != 0)
			prefixes[count++] = network_of(at);
	/* Of equal prefixes the last one counts: ours, of a /32. */
	for (last = count, at = network->addresses; last > 0 && at < end; at++)
		prefixes[count++] = prefix_of(&at->address,
		    at->address.family == MH_FAMILY_IPV4 ? 32 : 128, OURS);
	if (count > 0)
		*table = prefix_table_new(prefixes, count);
	free(prefixes);
	return *table != NULL || count == 0;
}

/*
 * Resolved neighbours.
 */

static void
make_key(uint8_t key[NEIGHBOURS_KEY], const struct mh_address *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint32_t scope = address->scope;

	if (address->family == MH_FAMILY_IPV4) {
		memcpy(key, mapped, sizeof(mapped));
		memcpy(key + 12, address->ip, 4);
	} else {
		memcpy(key, address->ip, 16);
	}
	memcpy(key + 16, &scope, sizeof(scope));
}

/* Where a search for that key begins. */
static size_t
home_of(const struct neighbours *neighbours, const uint8_t key[NEIGHBOURS_KEY])
{
	return (size_t)siphash(neighbours->seed, key, NEIGHBOURS_KEY) &
	    (neighbours->places - 1);
}

/* The place of that key, or the free one where it belongs. */
static size_t
find(const struct neighbours *neighbours, const uint8_t key[NEIGHBOURS_KEY])
{
	size_t at = home_of(neighbours, key);

	while (neighbours->entries[at].if_index != 0 &&
	    memcmp(neighbours->entries[at].key, key, NEIGHBOURS_KEY) != 0)
		at = (at + 1) & (neighbours->places - 1);
	return at;
}

/* Have room for one more, with half of the places free. */
static bool
make_room(struct neighbours *neighbours)
{
	struct neighbours larger = *neighbours;
	size_t i;

	if (2 * neighbours->count < neighbours->places)
		return true;
	if (neighbours->count == NEIGHBOURS_MAX)
		return false;
	larger.places =
	    neighbours->places == 0 ? PLACES_LEAST : 2 * neighbours->places;
	larger.entries = calloc(larger.places, sizeof(*larger.entries));
	if (larger.entries == NULL)
		return false;
	for (i = 0; i < neighbours->places; i++)
		if (neighbours->entries[i].if_index != 0)
			larger.entries[find(
			    &larger, neighbours->entries[i].key)] =
			    neighbours->entries[i];
	free(neighbours->entries);
	*neighbours = larger;
	return true;
}

static void
add(struct neighbours *neighbours, const uint8_t key[NEIGHBOURS_KEY],
    uint32_t if_index)
{
	struct neighbours_entry *entry;

	if (!make_room(neighbours))
		return;
	entry = &neighbours->entries[find(neighbours, key)];
	neighbours->count += entry->if_index == 0;
	memcpy(entry->key, key, NEIGHBOURS_KEY);
	entry->if_index = if_index;
	entry->list = neighbours->list;
}

/* Free a place, and close the gap that it leaves in searches over it. */
static void
take_away(struct neighbours *neighbours, size_t gap)
{
	struct neighbours_entry *entries = neighbours->entries;
	size_t mask = neighbours->places - 1, at, home;

	for (at = (gap + 1) & mask; entries[at].if_index != 0;
	     at = (at + 1) & mask) {
		home = home_of(neighbours, entries[at].key);
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		entries[gap] = entries[at];
		gap = at;
	}
	entries[gap].if_index = 0;
	neighbours->count--;
}

/* Remove those that were not in the last list. */
static void
sweep(struct neighbours *neighbours)
{
	size_t at = 0;

	/* An entry that moves into a gap is checked, too. */
	while (at < neighbours->places)
		if (neighbours->entries[at].if_index != 0 &&
		    neighbours->entries[at].list != neighbours->list)
			take_away(neighbours, at);
		else
			at++;
}

static void
set_absent(struct neighbours *neighbours, const uint8_t key[NEIGHBOURS_KEY],
    uint32_t if_index)
{
	size_t at;

	if (neighbours->count == 0)
		return;
	at = find(neighbours, key);
	/* It may be resolved on another of our networks. */
	if (neighbours->entries[at].if_index != 0 &&
	    neighbours->entries[at].if_index == if_index)
		take_away(neighbours, at);
}

void
neighbours_update(
    struct neighbours *neighbours, const struct host_neighbour *neighbour)
{
	uint8_t key[NEIGHBOURS_KEY];

	make_key(key, &neighbour->address);
	switch (neighbour->event) {
	case HOST_NEIGHBOUR_RESOLVED:
		add(neighbours, key, neighbour->if_index);
		break;
	case HOST_NEIGHBOUR_ABSENT:
		set_absent(neighbours, key, neighbour->if_index);
		break;
	case HOST_NEIGHBOURS_BEGIN:
		neighbours->list++;
		break;
	case HOST_NEIGHBOURS_END:
		sweep(neighbours);
		break;
	}
}

static void
on_event(void *argument, const struct host_neighbour *neighbour)
{
	neighbours_update(argument, neighbour);
}

void
neighbours_read(struct neighbours *neighbours)
{
	host_neighbours_read(&neighbours->watch, on_event, neighbours);
}

/* Is its link-layer address unknown? */
static bool
is_unknown(
    const struct neighbours *neighbours, const struct mh_address *address)
{
	uint8_t key[NEIGHBOURS_KEY];

	if (neighbours->count == 0)
		return true;
	make_key(key, address);
	return neighbours->entries[find(neighbours, key)].if_index == 0;
}

bool
neighbours_unresolved(
    const struct neighbours *neighbours, const struct mh_address *peer)
{
	return neighbours->watched && neighbours->on_link != NULL &&
	    prefix_table_find(neighbours->on_link, peer, OURS) != OURS &&
	    is_unknown(neighbours, peer);
}

/* Once for all of a batch. */
static void
read_now(struct neighbours *neighbours, int64_t now)
{
	if (neighbours->read != now)
		neighbours_read(neighbours);
	neighbours->read = now;
}

bool
neighbours_still_unresolved(
    struct neighbours *neighbours, const struct mh_address *peer, int64_t now)
{
	read_now(neighbours, now);
	return neighbours_unresolved(neighbours, peer);
}

bool
neighbours_way_blocked(struct neighbours *neighbours,
    const struct host_network *network, const struct mh_datagram *request,
    int64_t now)
{
	const struct mh_address peer = neighbours_peer(request);
	uint8_t ends[2 * NEIGHBOURS_KEY];
	struct neighbours_way *way;
	struct host_neighbour hop;
	uint64_t hash;

	if (!neighbours->watched)
		return false;
	make_key(ends, &peer);
	make_key(ends + NEIGHBOURS_KEY, &request->local);
	hash = siphash(neighbours->seed, ends, sizeof(ends));
	way = &neighbours->ways[hash % NEIGHBOURS_WAYS];
	if (way->hash == hash && way->until > now)
		return false;
	read_now(neighbours, now);
	if (host_next_hop(&neighbours->watch, request, &hop) &&
	    host_network_resolves(network, hop.if_index) &&
	    is_unknown(neighbours, &hop.address))
		return true;
	*way = (struct neighbours_way){ hash, now + NEIGHBOURS_WAY };
	return false;
}

bool
neighbours_tried(
    struct neighbours *neighbours, const struct mh_address *peer, int64_t now)
{
	struct neighbours_trial *trial, *place = NULL;
	uint8_t key[NEIGHBOURS_KEY];
	uint64_t hash;
	unsigned int i;

	make_key(key, peer);
	hash = siphash(neighbours->seed, key, sizeof(key));
	for (i = 0; i < TRIALS_WAYS; i++) {
		trial = &neighbours->trials[(hash + i) % NEIGHBOURS_TRIED];
		if (trial->until <= now)
			place = trial;
		else if (trial->hash == hash)
			return trial->until - now <=
			    NEIGHBOURS_LATE - NEIGHBOURS_PROMPT;
	}
	/* Trials never displace each other: there are never that many honest
	 * ones. */
	if (place == NULL)
		return true;
	*place = (struct neighbours_trial){ hash, now + NEIGHBOURS_LATE };
	return false;
}
