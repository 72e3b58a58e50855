/* SPDX-License-Identifier: ISC */
/*
 * A hash table with chains, of the networks that have something.  The hash is
 * keyed, as peers choose among their addresses.
 */
#include "services/quota.h"

#include "common/siphash.h"

#include <stdalign.h>
#include <string.h>

#define NONE UINT32_MAX

/* IPv4: three octets.  No padding: it is hashed. */
struct network_key {
	uint8_t prefix[6];
	uint16_t family;
	uint32_t scope; /* of link-local ones */
};

struct network {
	struct network_key key;
	uint32_t count;
	uint32_t chain; /* the next of the same bucket, or of the free ones */
};

struct quota {
	uint8_t seed[SERVICE_SEED];
	struct network *networks;
	uint32_t mask; /* number of buckets, a power of 2, minus 1 */
	uint32_t free; /* the first free network */
	alignas(max_align_t) uint32_t buckets[];
};

_Static_assert(sizeof(struct network_key) == 12, "padding is hashed");

/* A multiple of 16 bytes. */
static uint32_t
bucket_count(uint32_t networks)
{
	uint32_t count = 4;

	while (count < networks)
		count *= 2;
	return count;
}

size_t
quota_size(uint32_t networks)
{
	const size_t align = alignof(max_align_t);

	return sizeof(struct quota) +
	    bucket_count(networks) * sizeof(uint32_t) +
	    (networks * sizeof(struct network) + align - 1) / align * align;
}

void
quota_init(
    struct quota *quota, uint32_t networks, const uint8_t seed[SERVICE_SEED])
{
	const uint32_t buckets = bucket_count(networks);
	uint32_t i;

	*quota = (struct quota){
		.networks = (struct network *)(void *)&quota->buckets[buckets],
		.mask = buckets - 1,
		.free = networks > 0 ? 0 : NONE,
	};
	memcpy(quota->seed, seed, SERVICE_SEED);
	for (i = 0; i < buckets; i++)
		quota->buckets[i] = NONE;
	for (i = 0; i < networks; i++)
		quota->networks[i].chain = i + 1 < networks ? i + 1 : NONE;
}

static struct network_key
key_of(const struct mh_address *peer)
{
	struct network_key key = { .family = peer->family,
		.scope = peer->scope };

	memcpy(key.prefix, peer->ip, peer->family == MH_FAMILY_IPV4 ? 3 : 6);
	return key;
}

static uint32_t *
bucket_of(struct quota *quota, const struct network_key *key)
{
	uint64_t hash =
	    siphash(quota->seed, (const uint8_t *)key, sizeof(*key));

	return &quota->buckets[hash & quota->mask];
}

/* A network that has had nothing; NONE: there is no room. */
static uint32_t
add_network(
    struct quota *quota, uint32_t *bucket, const struct network_key *key)
{
	const uint32_t number = quota->free;
	struct network *network = &quota->networks[number];

	if (number == NONE)
		return NONE;
	quota->free = network->chain;
	*network = (struct network){ .key = *key, .chain = *bucket };
	*bucket = number;
	return number;
}

uint32_t
quota_take(struct quota *quota, const struct mh_address *peer, uint32_t most)
{
	const struct network_key key = key_of(peer);
	uint32_t *bucket = bucket_of(quota, &key);
	uint32_t number = *bucket;

	while (number != NONE &&
	    memcmp(&quota->networks[number].key, &key, sizeof(key)) != 0)
		number = quota->networks[number].chain;
	if (number == NONE && most > 0)
		number = add_network(quota, bucket, &key);
	if (number == NONE || quota->networks[number].count >= most)
		return QUOTA_FULL;
	quota->networks[number].count++;
	return number;
}

void
quota_release(struct quota *quota, uint32_t network)
{
	struct network *its = &quota->networks[network];
	uint32_t *at;

	if (--its->count > 0)
		return;
	at = bucket_of(quota, &its->key);
	while (*at != network)
		at = &quota->networks[*at].chain;
	*at = its->chain;
	its->chain = quota->free;
	quota->free = network;
}
