/* SPDX-License-Identifier: ISC */
/*
 * Prefixes, sorted so that each comes before those within it, and linked to the
 * next wider one that contains it.  A look-up begins with the last prefix that
 * does not start after the address; the longest match is that one or one that
 * contains it.
 */
#include "daemon/path/prefix.h"

#include "common/bytes.h"
#include "common/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_PARENT SIZE_MAX

/* An address as numbers: cheaper to compare than bytes. */
struct key {
	unsigned int family;
	uint64_t high, low;
};

struct entry {
	struct key start;
	uint64_t mask_high, mask_low;
	unsigned int bits;
	int value;
	size_t parent; /* the next wider prefix, or NO_PARENT */
};

struct prefix_table {
	size_t count;
	size_t first_ipv6; /* IPv4 comes before */
	struct entry entries[];
};

static unsigned int
family_bits(unsigned int family)
{
	return family == MH_FAMILY_IPV4 ? 32 : 128;
}

/* The bits after a slash: decimal, without leading zeros, at most max. */
static bool
parse_bits(const char *text, unsigned int max, unsigned int *bits)
{
	uint64_t n;

	if ((text[0] == '0' && text[1] != '\0') ||
	    !number_parse(text, 0, max, &n))
		return false;
	*bits = (unsigned int)n;
	return true;
}

/* Is every bit after the first ones 0? */
static bool
rest_is_zero(const uint8_t ip[16], unsigned int bits)
{
	unsigned int i = bits / 8;

	if (bits % 8 != 0 && (ip[i++] & 0xffu >> bits % 8) != 0)
		return false;
	for (; i < 16; i++)
		if (ip[i] != 0)
			return false;
	return true;
}

int
prefix_parse(struct prefix *prefix, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct prefix parsed = { .value = 0 };
	char address[MH_ADDRESS_TEXT];

	/* A scope would be ignored, so it is refused. */
	if (length >= sizeof(address) || memchr(text, '%', length) != NULL)
		return MH_ESYNTAX;
	memcpy(address, text, length);
	address[length] = '\0';
	if (mh_address_parse(&parsed.address, address) != 0)
		return MH_ESYNTAX;
	parsed.bits = family_bits(parsed.address.family);
	if (slash != NULL) {
		/* v4-mapped is IPv4 now: the bits would be ambiguous. */
		if (parsed.address.family == MH_FAMILY_IPV4 &&
		    strchr(address, ':') != NULL)
			return MH_ESYNTAX;
		if (!parse_bits(slash + 1, parsed.bits, &parsed.bits) ||
		    !rest_is_zero(parsed.address.ip, parsed.bits))
			return MH_ESYNTAX;
	}
	*prefix = parsed;
	return 0;
}

char *
prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT])
{
	size_t length;

	mh_address_format(&prefix->address, text, PREFIX_TEXT);
	length = strlen(text);
	snprintf(text + length, PREFIX_TEXT - length, "/%u", prefix->bits);
	return text;
}

static struct key
key_of(const struct mh_address *address)
{
	return (struct key){ address->family, bytes_get64(address->ip),
		bytes_get64(address->ip + 8) };
}

/* This number of ones, then zeros. */
static uint64_t
mask_of(unsigned int bits)
{
	return bits == 0 ? 0 : UINT64_MAX << (bits < 64 ? 64 - bits : 0);
}

static bool
contains(const struct entry *entry, const struct key *key)
{
	return entry->start.family == key->family &&
	    (((entry->start.high ^ key->high) & entry->mask_high) |
		((entry->start.low ^ key->low) & entry->mask_low)) == 0;
}

/* Both are of the same family. */
static bool
starts_after(const struct key *a, const struct key *b)
{
	return a->high > b->high || (a->high == b->high && a->low > b->low);
}

/* By family and first address. */
static int
compare_start(const struct key *a, const struct key *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return 0;
}

/* Of two with the same start, the wider one first. */
static int
compare_prefixes(const struct entry *a, const struct entry *b)
{
	int order = compare_start(&a->start, &b->start);

	if (order != 0 || a->bits == b->bits)
		return order;
	return a->bits < b->bits ? -1 : 1;
}

static int
compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_prefixes(a, b);

	if (order != 0)
		return order;
	/* Keep equal ones in their order, which parent still holds. */
	return a->parent < b->parent ? -1 : 1;
}

/* Of equal prefixes, keep the last. */
static void
remove_equal(struct prefix_table *table)
{
	size_t i, kept = 0;

	for (i = 0; i < table->count; i++) {
		if (i + 1 < table->count &&
		    compare_prefixes(
			&table->entries[i], &table->entries[i + 1]) == 0)
			continue;
		table->entries[kept++] = table->entries[i];
	}
	table->count = kept;
}

static void
link_parents(struct prefix_table *table)
{
	size_t i, parent;

	for (i = 0; i < table->count; i++) {
		/* It can only be the one before, or one that contains that. */
		parent = i > 0 ? i - 1 : NO_PARENT;
		while (parent != NO_PARENT &&
		    !contains(
			&table->entries[parent], &table->entries[i].start))
			parent = table->entries[parent].parent;
		table->entries[i].parent = parent;
	}
}

struct prefix_table *
prefix_table_new(const struct prefix *prefixes, size_t count)
{
	struct prefix_table *table;
	size_t i;

	if (count > (SIZE_MAX - sizeof(*table)) / sizeof(table->entries[0]))
		return NULL;
	table = malloc(sizeof(*table) + count * sizeof(table->entries[0]));
	if (table == NULL)
		return NULL;
	table->count = count;
	for (i = 0; i < count; i++)
		table->entries[i] = (struct entry){
			.start = key_of(&prefixes[i].address),
			.mask_high = mask_of(prefixes[i].bits),
			.mask_low = mask_of(
			    prefixes[i].bits > 64 ? prefixes[i].bits - 64 : 0),
			.bits = prefixes[i].bits,
			.value = prefixes[i].value,
			.parent = i,
		};
	qsort(
	    table->entries, count, sizeof(table->entries[0]), compare_entries);
	remove_equal(table);
	link_parents(table);
	for (i = 0; i < table->count; i++)
		if (table->entries[i].start.family == MH_FAMILY_IPV6)
			break;
	table->first_ipv6 = i;
	return table;
}

void
prefix_table_free(struct prefix_table *table)
{
	free(table);
}

size_t
prefix_table_count(const struct prefix_table *table)
{
	return table->count;
}

int
prefix_table_find(const struct prefix_table *table,
    const struct mh_address *address, int otherwise)
{
	const struct key key = key_of(address);
	const bool ipv4 = address->family == MH_FAMILY_IPV4;
	const size_t first = ipv4 ? 0 : table->first_ipv6;
	size_t low = first, high = ipv4 ? table->first_ipv6 : table->count;
	size_t middle, at;

	/* Find the first of its family that starts after the address. */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (starts_after(&table->entries[middle].start, &key))
			high = middle;
		else
			low = middle + 1;
	}
	at = low > first ? low - 1 : NO_PARENT;
	while (at != NO_PARENT) {
		if (contains(&table->entries[at], &key))
			return table->entries[at].value;
		at = table->entries[at].parent;
	}
	return otherwise;
}
