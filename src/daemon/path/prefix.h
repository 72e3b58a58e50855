/* SPDX-License-Identifier: ISC */
/*
 * Tables of address prefixes with longest match: access rules, trust, the
 * local addresses served.  Built when the configuration is read, read-only
 * and shared by all threads afterwards.
 */
#ifndef DAEMON_PATH_PREFIX_H
#define DAEMON_PATH_PREFIX_H

#include "lib/multihome.h"

/* A prefix and its value. */
struct prefix {
	struct mh_address address; /* port and scope 0, host bits 0 */
	unsigned int bits;         /* 0 to 32 or 128 */
	int value;
};

/* Bytes that hold any prefix as text. */
#define PREFIX_TEXT 64

/*
 * Read "192.0.2.0/24", "2001:db8::/32", or a single address.  Host bits that
 * are set are an error, as in 192.0.2.1/24.  Returns 0, or MH_ESYNTAX with
 * *prefix unchanged.  value is set to 0.
 */
int prefix_parse(struct prefix *prefix, const char *text);

/* Write it in the form that prefix_parse() reads; returns text. */
char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT]);

struct prefix_table;

/*
 * Make a table of count prefixes, which are copied.  The last of equal prefixes
 * wins.  NULL when out of memory.
 */
struct prefix_table *prefix_table_new(
    const struct prefix *prefixes, size_t count);
void prefix_table_free(struct prefix_table *table);

/* The number of prefixes in it; equal ones count once. */
size_t prefix_table_count(const struct prefix_table *table);

/*
 * The value of the longest prefix that contains the address, or otherwise.
 * The scope is ignored.  Takes time logarithmic in the number of prefixes,
 * plus the depth of nesting.
 */
int prefix_table_find(const struct prefix_table *table,
    const struct mh_address *address, int otherwise);

#endif
