/* SPDX-License-Identifier: ISC */
/*
 * Who asked which of our addresses.
 */
#include "run/preload/table.h"

#include "common/siphash.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#define WAYS 4

/* How often a writer looks whether the one before it is done. */
#define PATIENCE 100

/* An entry as one reads or writes it at once: the key, then what it leads to.
 */
enum { WHO, PEER, PEER_LOW, LOCAL, LOCAL_LOW, HOW, WORDS };
#define KEY_WORDS LOCAL

struct entry {
	_Atomic uint64_t tag; /* of the words; 0: none */
	_Atomic uint64_t words[WORDS];
	_Atomic uint64_t seen; /* when, in seconds */
};

struct set {
	_Alignas(64) struct entry entries[WAYS];
};

struct table {
	uint8_t key[16];
	uint64_t secret; /* of the tags */
	uint32_t sets;   /* a power of two */
	uint32_t idle;
	struct set *set;
	_Atomic uint8_t *busy; /* of each set: somebody writes to it */
};

static uint32_t
sets_for(uint32_t entries)
{
	uint32_t sets = 1;

	while (sets * WAYS < entries)
		sets *= 2;
	return sets;
}

static size_t
head_size(void)
{
	return (sizeof(struct table) + 63) / 64 * 64;
}

size_t
table_size(uint32_t entries)
{
	return head_size() +
	    sets_for(entries) * (sizeof(struct set) + sizeof(uint8_t));
}

struct table *
table_init(void *memory, const struct table_settings *settings)
{
	struct table *table = memory;

	memcpy(table->key, settings->key, sizeof(table->key));
	table->secret = siphash(table->key, NULL, 0);
	table->sets = sets_for(settings->entries);
	table->idle = settings->idle;
	table->set = (void *)((uint8_t *)memory + head_size());
	table->busy = (void *)(table->set + table->sets);
	return table;
}

/* The key: IPv4 as v4-mapped, and a scope where there is one. */
static void
write_key(uint64_t words[KEY_WORDS], const struct table_peer *peer)
{
	const struct mh_address *address = &peer->address;
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };

	if (address->family == MH_FAMILY_IPV4)
		memcpy(ip + 12, address->ip, 4);
	else
		memcpy(ip, address->ip, 16);
	memcpy(&words[PEER], ip, 16);
	words[WHO] = (uint64_t)peer->port | (uint64_t)address->port << 16;
	if (address->family == MH_FAMILY_IPV6 &&
	    mh_address_class(address) == MH_CLASS_LINK_LOCAL)
		words[WHO] |= (uint64_t)address->scope << 32;
}

static void
write_route(uint64_t words[WORDS], const struct table_route *route)
{
	memcpy(&words[LOCAL], route->local.ip, 16);
	words[HOW] =
	    (uint64_t)route->if_index | (uint64_t)route->local.family << 32;
}

static void
read_route(const uint64_t words[WORDS], struct table_route *route)
{
	*route = (struct table_route){ .if_index = (uint32_t)words[HOW] };
	route->local.family = (uint8_t)(words[HOW] >> 32);
	memcpy(route->local.ip, &words[LOCAL], 16);
}

static uint32_t
set_of(const struct table *table, const uint64_t words[KEY_WORDS])
{
	return (uint32_t)siphash(table->key, (const uint8_t *)words,
		   KEY_WORDS * sizeof(words[0])) &
	    (table->sets - 1);
}

/* Words that belong together have this, and by chance no others. */
static uint64_t
tag_of(const struct table *table, const uint64_t words[WORDS])
{
	uint64_t tag = table->secret;
	int i;

	for (i = 0; i < WORDS; i++) {
		tag = (tag ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		tag ^= tag >> 29;
	}
	return tag | 1;
}

static uint64_t
get(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static void
put(_Atomic uint64_t *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

static bool
is_about(const struct entry *entry, const uint64_t key[KEY_WORDS])
{
	return get(&entry->words[WHO]) == key[WHO] &&
	    get(&entry->words[PEER]) == key[PEER] &&
	    get(&entry->words[PEER_LOW]) == key[PEER_LOW] &&
	    get(&entry->tag) != 0;
}

static bool
is_idle(const struct table *table, const struct entry *entry, uint32_t now)
{
	/* One that another thread has just seen may be ahead. */
	return (int64_t)now - (int64_t)get(&entry->seen) > (int64_t)table->idle;
}

/* A whole entry; false if it is none, or is being written. */
static bool
read_entry(
    const struct table *table, const struct entry *entry, uint64_t words[WORDS])
{
	uint64_t tag = get(&entry->tag);
	int i;

	for (i = 0; i < WORDS; i++)
		words[i] = get(&entry->words[i]);
	return tag != 0 && tag == tag_of(table, words);
}

static struct entry *
find(struct table *table, uint32_t set, const uint64_t key[KEY_WORDS])
{
	struct entry *entry = table->set[set].entries;
	int i;

	for (i = 0; i < WAYS; i++)
		if (is_about(&entry[i], key))
			return &entry[i];
	return NULL;
}

/* Where a new peer goes: to a free place, or to that of the most idle one. */
static struct entry *
victim(struct table *table, uint32_t set)
{
	struct entry *entry = table->set[set].entries;
	struct entry *oldest = entry;
	int i;

	for (i = 0; i < WAYS; i++) {
		if (get(&entry[i].tag) == 0)
			return &entry[i];
		if (get(&entry[i].seen) < get(&oldest->seen))
			oldest = &entry[i];
	}
	return oldest;
}

/*
 * Who holds a set does so for some ten stores.  One that does not let go was
 * killed, or was interrupted by a signal whose handler is here now: so go on.
 */
static void
hold(struct table *table, uint32_t set)
{
	int i;

	for (i = 0; i < PATIENCE; i++) {
		if (atomic_exchange_explicit(
			&table->busy[set], 1, memory_order_acquire) == 0)
			return;
		sched_yield();
	}
}

static void
let_go(struct table *table, uint32_t set)
{
	atomic_store_explicit(&table->busy[set], 0, memory_order_release);
}

static void
write_entry(struct entry *entry, const uint64_t words[WORDS], uint64_t tag,
    uint32_t now)
{
	int i;

	for (i = 0; i < WORDS; i++)
		put(&entry->words[i], words[i]);
	put(&entry->seen, now);
	put(&entry->tag, tag);
}

void
table_learn(struct table *table, const struct table_peer *peer,
    const struct table_route *route, uint32_t now)
{
	uint64_t words[WORDS], there[WORDS];
	struct entry *entry;
	uint32_t set;

	write_key(words, peer);
	write_route(words, route);
	set = set_of(table, words);
	entry = find(table, set, words);
	/* The usual case: as before. */
	if (entry != NULL && read_entry(table, entry, there) &&
	    memcmp(there, words, sizeof(there)) == 0) {
		if (get(&entry->seen) != now)
			put(&entry->seen, now);
		return;
	}
	hold(table, set);
	entry = find(table, set, words);
	if (entry == NULL)
		entry = victim(table, set);
	write_entry(entry, words, tag_of(table, words), now);
	let_go(table, set);
}

void
table_forget(struct table *table, const struct table_peer *peer)
{
	uint64_t key[WORDS];
	struct entry *entry;
	uint32_t set;

	write_key(key, peer);
	set = set_of(table, key);
	if (find(table, set, key) == NULL)
		return;
	hold(table, set);
	entry = find(table, set, key);
	if (entry != NULL)
		put(&entry->tag, 0);
	let_go(table, set);
}

bool
table_find(struct table *table, const struct table_peer *peer,
    struct table_route *route, uint32_t now)
{
	uint64_t key[KEY_WORDS], words[WORDS];
	struct entry *entry;
	int i;

	write_key(key, peer);
	entry = find(table, set_of(table, key), key);
	if (entry == NULL || is_idle(table, entry, now))
		return false;
	/* It may be written to just now: that takes no time. */
	for (i = 0; i < PATIENCE; i++) {
		if (read_entry(table, entry, words)) {
			if (memcmp(words, key, sizeof(key)) != 0)
				return false;
			read_route(words, route);
			/* Who is sent to has not gone. */
			if (get(&entry->seen) < now)
				put(&entry->seen, now);
			return true;
		}
		if (get(&entry->tag) == 0)
			return false;
	}
	return false;
}
