/* SPDX-License-Identifier: ISC */
/*
 * Prefix lists, a prefix per line: whatever can be read is written as text that
 * reads as the same; for the edges of each prefix, the table of all gives the
 * same as looking at every prefix.
 */
#include "fuzz.h"

#include "daemon/path/prefix.h"

#include <string.h>

#define PREFIXES 32

/* What the line says; false if it cannot be read. */
static bool
there_and_back(struct prefix *prefix, const char *line)
{
	static const struct prefix untouched = { .bits = 4711 };
	char text[PREFIX_TEXT];
	struct prefix again;

	*prefix = untouched;
	if (prefix_parse(prefix, line) != 0) {
		REQUIRE(memcmp(prefix, &untouched, sizeof(untouched)) == 0);
		return false;
	}
	REQUIRE(prefix_parse(&again, prefix_format(prefix, text)) == 0);
	REQUIRE(memcmp(prefix, &again, sizeof(again)) == 0);
	return true;
}

static bool
contains(const struct prefix *prefix, const struct mh_address *address)
{
	unsigned int i, differ;

	if (prefix->address.family != address->family)
		return false;
	for (i = 0; i < prefix->bits; i++) {
		differ = prefix->address.ip[i / 8] ^ address->ip[i / 8];
		if ((differ >> (7 - i % 8) & 1) != 0)
			return false;
	}
	return true;
}

static void
look_up(const struct prefix_table *table, const struct prefix *prefixes,
    size_t count, const struct mh_address *address)
{
	const struct prefix *best = NULL;
	size_t i;

	for (i = 0; i < count; i++)
		if (contains(&prefixes[i], address) &&
		    (best == NULL || prefixes[i].bits >= best->bits))
			best = &prefixes[i];
	REQUIRE(prefix_table_find(table, address, -1) ==
	    (best != NULL ? best->value : -1));
}

/* The first and the last address of each, and the ones next to them. */
static void
look_up_all(const struct prefix *prefixes, size_t count)
{
	struct prefix_table *table = prefix_table_new(prefixes, count);
	struct mh_address address;
	unsigned int last, j;
	size_t i;

	if (table == NULL)
		return;
	REQUIRE(prefix_table_count(table) <= count);
	for (i = 0; i < count; i++) {
		address = prefixes[i].address;
		last = address.family == MH_FAMILY_IPV4 ? 32 : 128;
		look_up(table, prefixes, count, &address);
		address.ip[last / 8 - 1]--;
		look_up(table, prefixes, count, &address);
		address = prefixes[i].address;
		for (j = prefixes[i].bits; j < last; j++)
			address.ip[j / 8] |= (uint8_t)(0x80u >> j % 8);
		look_up(table, prefixes, count, &address);
		address.ip[last / 8 - 1]++;
		look_up(table, prefixes, count, &address);
	}
	prefix_table_free(table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *at = text;
	struct prefix prefixes[PREFIXES];
	size_t count = 0;

	while (at != NULL && count < PREFIXES) {
		if (there_and_back(&prefixes[count], fuzz_line(&at))) {
			prefixes[count].value = (int)count;
			count++;
		}
	}
	look_up_all(prefixes, count);
	free(text);
	return 0;
}
