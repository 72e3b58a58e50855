/* SPDX-License-Identifier: ISC */
/*
 * Detecting loops, in two steps.  The first is cheap and for all datagrams:
 * judging by their first and last bytes, do some repeat themselves?  Each slot
 * of a table belongs to the datagram that comes most often (Boyer and Moore's
 * majority vote) and is halved every half second.  The second step is exact,
 * and only for those that do: GCRA, as in limit.c, for each endpoint, address
 * and payload.
 */
#include "daemon/path/loops.h"

#include "common/siphash.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

#define SLOT_BITS 10
#define SLOTS (1u << SLOT_BITS)

/* How often counts are halved, in nanoseconds. */
#define FADE (SECOND / 2)

/* A count from which a datagram repeats itself; the highest count. */
#define HOT 8u
#define FULL 1023u

/* Between two samples, 0 to 15 datagrams are left out, at random. */
#define SAMPLE_MASK 15u

/* Factors of the hash of the first step. */
#define FACTORS 6

/* The table of the second step: sets, and places in each. */
#define SETS 4096u
#define WAYS 4u

struct slot {
	uint32_t tag;
	uint32_t count;
};

/* The state of an endpoint, an address of ours and a payload. */
enum phase {
	COUNTED, /* until: when its allowance is whole again, by GCRA */
	SILENT,  /* until: the end of the silence */
	SPARED   /* until: the end of the exemption */
};

struct entry {
	uint64_t key;
	int64_t until; /* monotonic nanoseconds */
	enum phase phase;
};

struct loops_memory {
	bool alert;    /* some slot is hot */
	int64_t fades; /* when counts are halved next */
	uint64_t random;
	uint64_t factors[FACTORS]; /* odd */
	uint8_t seed[16];
	struct slot slots[SLOTS];
	struct entry entries[SETS][WAYS];
};

/* What the first step sees of a payload. */
struct glance {
	uint64_t words[3];
};

bool
loops_init(struct loops *loops, const uint8_t seed[16])
{
	struct loops_memory *memory = calloc(1, sizeof(*memory));
	uint8_t i;

	*loops = (struct loops){ .memory = memory };
	if (memory == NULL)
		return false;
	memcpy(memory->seed, seed, sizeof(memory->seed));
	for (i = 0; i < FACTORS; i++)
		memory->factors[i] = siphash(seed, &i, sizeof(i)) | 1;
	memory->random = memory->factors[0];
	return true;
}

void
loops_clear(struct loops *loops)
{
	free(loops->memory);
	*loops = (struct loops){ .memory = NULL };
}

/*
 * How many to leave out now: Marsaglia's xorshift, so that a loop does not fall
 * between the samples by its rhythm.
 */
static unsigned int
draw(struct loops_memory *memory)
{
	memory->random ^= memory->random << 13;
	memory->random ^= memory->random >> 7;
	memory->random ^= memory->random << 17;
	return (unsigned int)(memory->random >> 40) & SAMPLE_MASK;
}

static void
fade(struct loops_memory *memory, int64_t now)
{
	/* After a long pause nothing is left. */
	bool paused = now - memory->fades > 8 * FADE;
	unsigned int i;

	memory->alert = false;
	for (i = 0; i < SLOTS; i++) {
		memory->slots[i].count =
		    paused ? 0 : memory->slots[i].count / 2;
		memory->alert |= memory->slots[i].count >= HOT;
	}
	memory->fades = now + FADE;
}

static uint64_t
word_at(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* The first 16 bytes and the last 8, as far as there are any. */
static struct glance
glance_at(const struct mh_datagram *request)
{
	const uint8_t *bytes = request->data;
	uint8_t few[24] = { 0 };

	if (request->length < 16) {
		if (request->length > 0)
			memcpy(few, bytes, request->length);
		bytes = few;
	}
	return (struct glance){ { word_at(bytes), word_at(bytes + 8),
	    bytes == few ? 0 : word_at(bytes + request->length - 8) } };
}

/* A multilinear hash modulo 2^64; its high bits are used. */
static uint64_t
mix(const struct loops_memory *memory, const struct mh_datagram *request)
{
	const struct glance glance = glance_at(request);
	const uint64_t *factors = memory->factors;

	return glance.words[0] * factors[0] + glance.words[1] * factors[1] +
	    glance.words[2] * factors[2] +
	    word_at(request->peer.ip) * factors[3] +
	    word_at(request->peer.ip + 8) * factors[4] +
	    ((uint64_t)request->peer.port << 32 | request->length) * factors[5];
}

/* The slot of a datagram that repeats itself; NULL if it does not. */
static struct slot *
find_hot(struct loops_memory *memory, const struct mh_datagram *request)
{
	uint64_t hash = mix(memory, request);
	struct slot *slot = &memory->slots[hash >> (64 - SLOT_BITS)];
	uint32_t tag = (uint32_t)(hash >> (32 - SLOT_BITS));

	if (slot->tag != tag) {
		if (slot->count > 0)
			slot->count--;
		else
			*slot = (struct slot){ tag, 1 };
		return NULL;
	}
	if (slot->count < FULL)
		slot->count++;
	return slot->count >= HOT ? slot : NULL;
}

/* Write an address as bytes; returns the end of them. */
static uint8_t *
put_address(uint8_t *at, const struct mh_address *address)
{
	memcpy(at, address->ip, sizeof(address->ip));
	at += sizeof(address->ip);
	memcpy(at, &address->scope, sizeof(address->scope));
	at += sizeof(address->scope);
	memcpy(at, &address->port, sizeof(address->port));
	at += sizeof(address->port);
	*at++ = (uint8_t)address->family;
	return at;
}

static uint64_t
key_of(const struct loops_memory *memory, const struct mh_datagram *request)
{
	uint64_t payload =
	    siphash(memory->seed, request->data, request->length);
	uint8_t bytes[2 * sizeof(struct mh_address) + sizeof(payload)];
	uint8_t *at = bytes;

	at = put_address(at, &request->peer);
	at = put_address(at, &request->local);
	memcpy(at, &payload, sizeof(payload));
	at += sizeof(payload);
	return siphash(memory->seed, bytes, (size_t)(at - bytes));
}

static bool
is_over(const struct entry *entry, int64_t now)
{
	int64_t until = entry->until;

	if (entry->phase == SILENT)
		until += LOOPS_PATIENCE;
	return now >= until;
}

/* The entry of a key, possibly new; NULL: all places of its set are taken. */
static struct entry *
find_entry(struct loops_memory *memory, uint64_t key, int64_t now)
{
	struct entry *set = memory->entries[key % SETS], *found = NULL;
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].key == key && !is_over(&set[i], now))
			return &set[i];
		if (is_over(&set[i], now))
			found = &set[i];
	}
	if (found != NULL)
		*found = (struct entry){ key, now, COUNTED };
	return found;
}

/* GCRA; false: it came too often, and the silence begins. */
static bool
count(struct entry *entry, int64_t now)
{
	const int64_t interval = SECOND / LOOPS_PER_SECOND;

	if (entry->until < now)
		entry->until = now;
	entry->until += interval;
	if (entry->until - now <= LOOPS_BURST * interval)
		return true;
	entry->phase = SILENT;
	entry->until = now + LOOPS_SILENCE;
	return false;
}

static __attribute__((noinline)) bool
judge(struct loops_memory *memory, const struct mh_datagram *request,
    struct slot *slot, int64_t now)
{
	struct entry *entry = find_entry(memory, key_of(memory, request), now);

	if (entry == NULL || entry->phase == SPARED)
		return true;
	if (entry->phase == COUNTED && count(entry, now))
		return true;
	if (now < entry->until) {
		/* It has to stay hot, or some would slip through. */
		slot->count = FULL;
		return false;
	}
	*entry = (struct entry){ entry->key, now + LOOPS_SPARED, SPARED };
	return true;
}

bool
loops_look(struct loops *loops, const struct mh_datagram *request, int64_t now)
{
	struct loops_memory *memory = loops->memory;
	struct slot *slot;

	if (now >= memory->fades)
		fade(memory, now);
	slot = find_hot(memory, request);
	if (slot != NULL) {
		memory->alert = true;
		return judge(memory, request, slot, now);
	}
	if (!memory->alert)
		loops->left = draw(memory);
	return true;
}
