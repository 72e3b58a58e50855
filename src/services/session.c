/* SPDX-License-Identifier: ISC */
/*
 * A hash table with chains, and one list in order of use: whoever has been idle
 * for longest comes first.  The hash is keyed: peers choose their ports.
 */
#include "services/session.h"

#include "common/siphash.h"
#include "services/quota.h"

#include <stdalign.h>
#include <string.h>

#define NONE UINT32_MAX

/* Sessions that end in one call. */
#define EXPIRE_MAX 4

struct entry {
	struct session_key key;
	uint32_t chain; /* the next of the same bucket, or of the free ones */
	int64_t used_at;
	uint64_t ticket; /* 0: none */
	uint32_t older, newer;
	uint32_t network; /* whose share it is of */
	alignas(max_align_t) uint8_t values[];
};

struct session_table {
	uint8_t seed[SERVICE_SEED];
	struct quota *quota; /* after the entries */
	size_t entry_size;
	uint64_t tickets;  /* so far */
	uint32_t sessions; /* the most */
	uint32_t count;
	uint32_t mask; /* number of buckets, a power of 2, minus 1 */
	uint32_t free; /* the first free entry */
	uint32_t oldest, newest;
	alignas(max_align_t) uint32_t buckets[];
};

_Static_assert(sizeof(struct session_key) == 44, "padding is hashed");

static uint32_t
bucket_count(uint32_t sessions)
{
	uint32_t count = 4;

	while (count < sessions)
		count *= 2;
	return count;
}

static size_t
entry_size(size_t value_size)
{
	size_t size = sizeof(struct entry) + value_size;

	return (size + alignof(max_align_t) - 1) / alignof(max_align_t) *
	    alignof(max_align_t);
}

size_t
session_table_size(uint32_t sessions, size_t value_size)
{
	return sizeof(struct session_table) +
	    bucket_count(sessions) * sizeof(uint32_t) +
	    sessions * entry_size(value_size) + quota_size(sessions);
}

static struct entry *
entry_at(const struct session_table *table, uint32_t number)
{
	uint8_t *entries = (uint8_t *)(uintptr_t)&table->buckets[table->mask];

	return (
	    void *)(entries + sizeof(uint32_t) + number * table->entry_size);
}

void
session_table_init(struct session_table *table, uint32_t sessions,
    size_t value_size, const uint8_t seed[SERVICE_SEED])
{
	uint32_t i;

	*table = (struct session_table){
		.entry_size = entry_size(value_size),
		.sessions = sessions,
		.mask = bucket_count(sessions) - 1,
		.oldest = NONE,
		.newest = NONE,
	};
	memcpy(table->seed, seed, SERVICE_SEED);
	for (i = 0; i <= table->mask; i++)
		table->buckets[i] = NONE;
	for (i = 0; i < sessions; i++) {
		entry_at(table, i)->chain = i + 1 < sessions ? i + 1 : NONE;
		entry_at(table, i)->ticket = 0;
	}
	table->free = sessions > 0 ? 0 : NONE;
	table->quota = (void *)entry_at(table, sessions);
	quota_init(table->quota, sessions, seed);
}

struct session_key
session_key_of(const struct mh_datagram *request, uint16_t id)
{
	struct session_key key = {
		.scope = request->peer.scope,
		.family = request->peer.family,
		.peer_port = request->peer.port,
		.local_port = request->local.port,
		.id = id,
	};

	memcpy(key.peer, request->peer.ip, sizeof(key.peer));
	memcpy(key.local, request->local.ip, sizeof(key.local));
	return key;
}

static uint32_t *
bucket_of(struct session_table *table, const struct session_key *key)
{
	uint64_t hash =
	    siphash(table->seed, (const uint8_t *)key, sizeof(*key));

	return &table->buckets[hash & table->mask];
}

/* Take it out of the list in order of use. */
static void
unlink_entry(struct session_table *table, const struct entry *entry)
{
	if (entry->older != NONE)
		entry_at(table, entry->older)->newer = entry->newer;
	else
		table->oldest = entry->newer;
	if (entry->newer != NONE)
		entry_at(table, entry->newer)->older = entry->older;
	else
		table->newest = entry->older;
}

/* Put it at the end of that list: it was used just now. */
static void
link_entry(struct session_table *table, uint32_t number, int64_t now)
{
	struct entry *entry = entry_at(table, number);

	entry->used_at = now;
	entry->older = table->newest;
	entry->newer = NONE;
	if (table->newest != NONE)
		entry_at(table, table->newest)->newer = number;
	else
		table->oldest = number;
	table->newest = number;
}

static void
remove_entry(struct session_table *table, uint32_t number)
{
	struct entry *entry = entry_at(table, number);
	uint32_t *at = bucket_of(table, &entry->key);

	while (*at != number)
		at = &entry_at(table, *at)->chain;
	*at = entry->chain;
	unlink_entry(table, entry);
	quota_release(table->quota, entry->network);
	entry->ticket = 0;
	entry->chain = table->free;
	table->free = number;
	table->count--;
}

static bool
is_idle(const struct entry *entry, int64_t now, int64_t idle_ns)
{
	return now - entry->used_at >= idle_ns;
}

static bool
has_key(const struct session_table *table, uint32_t number,
    const struct session_key *key)
{
	return memcmp(&entry_at(table, number)->key, key, sizeof(*key)) == 0;
}

/* The entry with that key, or NONE.  Often it is the one that was used last. */
static uint32_t
find_entry(struct session_table *table, const struct session_key *key)
{
	uint32_t number = table->newest;

	if (number != NONE && has_key(table, number, key))
		return number;
	number = *bucket_of(table, key);
	while (number != NONE && !has_key(table, number, key))
		number = entry_at(table, number)->chain;
	return number;
}

void *
session_find(struct session_table *table, const struct session_key *key,
    int64_t now, int64_t idle_ns)
{
	const uint32_t number = find_entry(table, key);
	struct entry *entry;

	if (number == NONE)
		return NULL;
	entry = entry_at(table, number);
	if (is_idle(entry, now, idle_ns)) {
		remove_entry(table, number);
		return NULL;
	}
	unlink_entry(table, entry);
	link_entry(table, number, now);
	return entry->values;
}

/* Of whose share it would be; QUOTA_FULL: there is no room now. */
static uint32_t
find_room(
    struct session_table *table, const struct session_key *key, uint32_t share)
{
	struct mh_address peer = { .family = key->family, .scope = key->scope };

	if (table->free == NONE)
		return QUOTA_FULL;
	memcpy(peer.ip, key->peer, sizeof(peer.ip));
	return quota_take(table->quota, &peer, share);
}

void *
session_add(struct session_table *table, const struct session_key *key,
    uint32_t share, int64_t now, int64_t idle_ns)
{
	uint32_t number, *bucket, network = find_room(table, key, share);
	struct entry *entry;

	if (network == QUOTA_FULL && session_expire(table, now, idle_ns) > 0)
		network = find_room(table, key, share);
	if (network == QUOTA_FULL)
		return NULL;
	number = table->free;
	entry = entry_at(table, number);
	table->free = entry->chain;
	memset(entry, 0, table->entry_size);
	entry->key = *key;
	entry->network = network;
	bucket = bucket_of(table, key);
	entry->chain = *bucket;
	*bucket = number;
	link_entry(table, number, now);
	table->count++;
	return entry->values;
}

static uint32_t
number_of(const struct session_table *table, const void *values)
{
	const uint8_t *at =
	    (const uint8_t *)values - offsetof(struct entry, values);

	return (uint32_t)((size_t)(at - (uint8_t *)entry_at(table, 0)) /
	    table->entry_size);
}

void
session_end(struct session_table *table, void *values)
{
	remove_entry(table, number_of(table, values));
}

unsigned int
session_expire(struct session_table *table, int64_t now, int64_t idle_ns)
{
	unsigned int ended = 0;

	while (ended < EXPIRE_MAX && table->oldest != NONE &&
	    is_idle(entry_at(table, table->oldest), now, idle_ns)) {
		remove_entry(table, table->oldest);
		ended++;
	}
	return ended;
}

/*
 * The upper half tells tickets apart, the lower one is the entry's number
 * and 1.
 */
uint64_t
session_ticket(struct session_table *table, void *values)
{
	uint32_t number = number_of(table, values);
	struct entry *entry = entry_at(table, number);

	entry->ticket = ++table->tickets << 32 | (number + UINT64_C(1));
	return entry->ticket;
}

void *
session_of_ticket(struct session_table *table, uint64_t ticket)
{
	uint32_t number = (uint32_t)ticket - 1;
	struct entry *entry;

	if (number >= table->sessions)
		return NULL;
	entry = entry_at(table, number);
	return entry->ticket == ticket ? entry->values : NULL;
}

uint32_t
session_count(const struct session_table *table)
{
	return table->count;
}

uint32_t
session_limit(const struct session_table *table)
{
	return table->sessions;
}

/* An address of a key, which may not have one. */
static struct mh_address
address_of(const struct session_key *key, const uint8_t ip[16], uint16_t port)
{
	struct mh_address address = { .family = key->family, .port = port };

	memcpy(address.ip, ip, sizeof(address.ip));
	return address;
}

size_t
session_list(
    const struct session_table *table, struct session_view *list, size_t room)
{
	const struct entry *entry;
	uint32_t number;
	size_t count = 0;

	for (number = table->newest; number != NONE && count < room;
	     number = entry->older) {
		entry = entry_at(table, number);
		list[count] = (struct session_view){ address_of(&entry->key,
							 entry->key.peer,
							 entry->key.peer_port),
			address_of(&entry->key, entry->key.local,
			    entry->key.local_port),
			entry->used_at };
		list[count++].peer.scope = entry->key.scope;
	}
	return count;
}
