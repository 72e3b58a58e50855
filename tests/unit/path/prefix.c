/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/prefix.c: reading, writing, and the longest match against a
 * reference that looks at every prefix.  Pure.
 */
#include "daemon/path/prefix.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	const char *address;
	unsigned int bits;
	const char *written;
} good[] = {
	{ "192.0.2.0/24", "192.0.2.0", 24, "192.0.2.0/24" },
	{ "192.0.2.1", "192.0.2.1", 32, "192.0.2.1/32" },
	{ "192.0.2.1/32", "192.0.2.1", 32, "192.0.2.1/32" },
	{ "192.0.2.254/31", "192.0.2.254", 31, "192.0.2.254/31" },
	{ "0.0.0.0/0", "0.0.0.0", 0, "0.0.0.0/0" },
	{ "128.0.0.0/1", "128.0.0.0", 1, "128.0.0.0/1" },
	{ "10.0.0.0/8", "10.0.0.0", 8, "10.0.0.0/8" },
	{ "172.16.0.0/12", "172.16.0.0", 12, "172.16.0.0/12" },
	{ "::/0", "::", 0, "::/0" },
	{ "::", "::", 128, "::/128" },
	{ "2001:db8::/32", "2001:db8::", 32, "2001:db8::/32" },
	{ "2001:DB8:0:0::/64", "2001:db8::", 64, "2001:db8::/64" },
	{ "2001:db8::1", "2001:db8::1", 128, "2001:db8::1/128" },
	{ "fe80::/10", "fe80::", 10, "fe80::/10" },
	{ "fc00::/7", "fc00::", 7, "fc00::/7" },
	{ "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe/127",
	    "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe", 127,
	    "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe/127" },
	/* An IPv4-mapped address is the IPv4 address. */
	{ "::ffff:192.0.2.1", "192.0.2.1", 32, "192.0.2.1/32" },
};

START_TEST(test_reads_and_writes)
{
	struct prefix prefix, again;
	char text[PREFIX_TEXT];

	memset(&prefix, 0xa5, sizeof(prefix));
	ck_assert_msg(prefix_parse(&prefix, good[_i].text) == 0, "%s: refused",
	    good[_i].text);
	unit_assert_address(&prefix.address, good[_i].address, good[_i].text);
	ck_assert_uint_eq(prefix.bits, good[_i].bits);
	ck_assert_int_eq(prefix.value, 0);
	ck_assert_ptr_eq(prefix_format(&prefix, text), text);
	ck_assert_str_eq(text, good[_i].written);
	ck_assert_int_eq(prefix_parse(&again, text), 0);
	ck_assert_mem_eq(&again, &prefix, sizeof(prefix));
}
END_TEST

#define ZEROS "0000:0000:0000:0000:0000:0000:0000:0000:"

static const char *const bad[] = {
	"",
	"/",
	"/24",
	"192.0.2.0/",
	"192.0.2.0/33",
	"192.0.2.0/-1",
	"192.0.2.0/+24",
	"192.0.2.0/024",
	"192.0.2.0/00",
	"192.0.2.0/24 ",
	"192.0.2.0 /24",
	"192.0.2.0/ 24",
	"192.0.2.0/24/24",
	"192.0.2.0/2x",
	"192.0.2.0/4294967320",
	"192.0.2.0/18446744073709551640",
	"192.0.2.0/255.255.255.0",
	"192.0.2.0:7/24",
	"192.0.2/24",
	"*",
	"any",
	"2001:db8::/129",
	"[2001:db8::]/32",
	/* Host bits. */
	"192.0.2.1/24",
	"192.0.2.1/31",
	"192.0.2.128/24",
	"192.0.3.0/23",
	"1.0.0.0/0",
	"2001:db8::1/64",
	"2001:db8::1/127",
	"::1/0",
	"fe40::/9",
	/* Scopes. */
	"fe80::1%2",
	"fe80::%2/64",
	"fe80::/64%2",
	/* Of which family are the bits? */
	"::ffff:192.0.2.0/120",
	"::ffff:192.0.2.1/32",
	"::ffff:0.0.0.0/0",
	"::ffff:0:0/96",
	/* Longer than any address. */
	ZEROS ZEROS ZEROS "/0",
};

START_TEST(test_refuses)
{
	struct prefix prefix, before;

	memset(&prefix, 0xa5, sizeof(prefix));
	before = prefix;
	ck_assert_msg(
	    prefix_parse(&prefix, bad[_i]) == MH_ESYNTAX, "%s: taken", bad[_i]);
	ck_assert_mem_eq(&prefix, &before, sizeof(prefix));
}
END_TEST

static struct prefix
make(const char *text, int value)
{
	struct prefix prefix;

	ck_assert_msg(prefix_parse(&prefix, text) == 0,
	    "a test names a bad prefix: %s", text);
	prefix.value = value;
	return prefix;
}

/* Nested, side by side, duplicate; in no order. */
static const struct {
	const char *text;
	int value;
} listed[] = {
	{ "192.0.2.128/25", 3 },
	{ "192.0.2.0/24", 2 },
	{ "2001:db8::/32", 10 },
	{ "192.0.2.255", 4 },
	{ "192.0.2.0/24", 99 },
	{ "192.0.0.0/8", 1 },
	{ "2001:db8:1::/48", 11 },
	{ "198.51.100.0/25", 5 },
	{ "192.0.2.0/24", 7 },
	{ "255.255.255.255", 6 },
	{ "::1", 12 },
	{ "2001:db8:f::/96", 13 },
	{ "2001:db8:f::100/120", 14 },
	{ "2001:db8:f::1:0/127", 15 },
	/* Equal ones that nothing follows in order. */
	{ "ff00::/8", 98 },
	{ "ff00::/8", 16 },
};

static const struct {
	const char *address;
	int value;
} found[] = {
	{ "192.0.2.127", 7 }, /* the last of three equal ones */
	{ "192.0.2.128", 3 },
	{ "192.0.2.254", 3 },
	{ "192.0.2.255", 4 },
	{ "192.0.3.0", 1 },
	{ "192.0.1.255", 1 },
	{ "192.255.255.255", 1 },
	{ "191.255.255.255", -1 },
	{ "193.0.0.0", -1 },
	{ "0.0.0.0", -1 },
	{ "198.51.100.0", 5 },
	{ "198.51.100.127", 5 },
	{ "198.51.100.128", -1 },
	{ "255.255.255.255", 6 },
	{ "255.255.255.254", -1 },
	{ "2001:db8::", 10 },
	{ "2001:db8:1::", 11 },
	{ "2001:db8:1:ffff:ffff:ffff:ffff:ffff", 11 },
	{ "2001:db8:2::", 10 },
	{ "2001:db9::", -1 },
	{ "::1", 12 },
	{ "::2", -1 },
	{ "2001:db8:f::ff", 13 },
	{ "2001:db8:f::ffff:ffff", 13 },
	{ "2001:db8:f::1:0:0", 10 },
	{ "2001:db8:f::100", 14 },
	{ "2001:db8:f::1ff", 14 },
	{ "2001:db8:f::200", 13 },
	{ "2001:db8:f::1:1", 15 },
	{ "2001:db8:f::1:2", 13 },
	{ "ff02::1", 16 },
	{ "::", -1 },
	/* IPv6 that begins with the same bytes as an IPv4 prefix. */
	{ "c000:200::", -1 },
	{ "[::1]:7", 12 },
	{ "", -1 },
};

START_TEST(test_finds_the_longest)
{
	struct prefix prefixes[LENGTH(listed)];
	struct mh_address address = unit_address(found[_i].address);
	struct prefix_table *table;
	size_t i;

	for (i = 0; i < LENGTH(listed); i++)
		prefixes[i] = make(listed[i].text, listed[i].value);
	table = prefix_table_new(prefixes, LENGTH(listed));
	ck_assert_ptr_nonnull(table);
	ck_assert_uint_eq(prefix_table_count(table), LENGTH(listed) - 3);
	/* They are copied. */
	memset(prefixes, 0xa5, sizeof(prefixes));
	ck_assert_msg(prefix_table_find(table, &address, -1) == found[_i].value,
	    "%s: %d", found[_i].address,
	    prefix_table_find(table, &address, -1));
	prefix_table_free(table);
}
END_TEST

START_TEST(test_ignores_the_scope)
{
	struct prefix prefix = make("fe80::/64", 1);
	struct mh_address address = unit_address("[fe80::9%3]:7");
	struct prefix_table *table = prefix_table_new(&prefix, 1);

	ck_assert_ptr_nonnull(table);
	ck_assert_int_eq(prefix_table_find(table, &address, -1), 1);
	prefix_table_free(table);
}
END_TEST

START_TEST(test_takes_everything)
{
	struct prefix prefixes[] = { make("::/0", 6), make("0.0.0.0/0", 4) };
	struct mh_address address = { .family = MH_FAMILY_NONE };
	struct prefix_table *table = prefix_table_new(prefixes, 2);

	ck_assert_ptr_nonnull(table);
	ck_assert_int_eq(prefix_table_find(table, &address, -1), -1);
	address = unit_address("255.255.255.255");
	ck_assert_int_eq(prefix_table_find(table, &address, -1), 4);
	address = unit_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	ck_assert_int_eq(prefix_table_find(table, &address, -1), 6);
	prefix_table_free(table);
}
END_TEST

START_TEST(test_may_be_empty)
{
	struct mh_address address = unit_address("192.0.2.1");
	struct prefix_table *table = prefix_table_new(NULL, 0);

	ck_assert_ptr_nonnull(table);
	ck_assert_uint_eq(prefix_table_count(table), 0);
	ck_assert_int_eq(prefix_table_find(table, &address, 5), 5);
	prefix_table_free(table);
	prefix_table_free(NULL);
	ck_assert_ptr_null(prefix_table_new(NULL, SIZE_MAX / 8));
}
END_TEST

/* Numbers that look random and are the same in each run. */
static uint32_t
next_number(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

/*
 * Few bytes differ, and by few bits, so that prefixes lie within each other
 * and addresses within prefixes.
 */
static struct mh_address
random_address(uint64_t *state)
{
	struct mh_address address = { .family = MH_FAMILY_IPV4 };
	unsigned int i, length = 4;

	if (next_number(state) % 2 == 0) {
		address.family = MH_FAMILY_IPV6;
		length = 16;
	}
	for (i = 0; i < length; i++)
		address.ip[i] = (uint8_t)(next_number(state) % 4 *
		    (next_number(state) % 2 == 0 ? 1 : 64));
	return address;
}

static bool
bit(const struct mh_address *address, unsigned int i)
{
	return (address->ip[i / 8] >> (7 - i % 8) & 1) != 0;
}

static struct prefix
random_prefix(uint64_t *state)
{
	struct prefix prefix = { .address = random_address(state) };
	unsigned int i, most = prefix.address.family == 4 ? 32 : 128;

	prefix.bits = next_number(state) % (most + 1);
	prefix.value = (int)(next_number(state) % 1000);
	for (i = prefix.bits; i < most; i++)
		prefix.address.ip[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	return prefix;
}

/* The naive way. */
static int
reference(const struct prefix *prefixes, size_t count,
    const struct mh_address *address)
{
	const struct prefix *best = NULL, *p;
	unsigned int same;

	for (p = prefixes; p < prefixes + count; p++) {
		if (p->address.family != address->family)
			continue;
		for (same = 0; same < p->bits; same++)
			if (bit(&p->address, same) != bit(address, same))
				break;
		if (same == p->bits && (best == NULL || p->bits >= best->bits))
			best = p;
	}
	return best != NULL ? best->value : -1;
}

static const size_t sizes[] = { 1, 2, 3, 10, 100, 1000, 5000 };

START_TEST(test_agrees_with_the_plain_way)
{
	size_t count = sizes[_i], i;
	struct prefix *prefixes = calloc(count, sizeof(*prefixes));
	uint64_t state = 1 + (uint64_t)_i;
	struct prefix_table *table;
	struct mh_address address;
	unsigned int hits = 0;
	int expected;

	ck_assert_ptr_nonnull(prefixes);
	for (i = 0; i < count; i++)
		prefixes[i] = random_prefix(&state);
	table = prefix_table_new(prefixes, count);
	ck_assert_ptr_nonnull(table);
	for (i = 0; i < 4000; i++) {
		/* Every other address is at the edge of a prefix. */
		address = i % 2 == 0 ? random_address(&state)
				     : prefixes[i % count].address;
		if (i % 4 == 3)
			address.ip[3]--;
		expected = reference(prefixes, count, &address);
		hits += expected != -1;
		ck_assert_msg(
		    prefix_table_find(table, &address, -1) == expected,
		    "%zu prefixes, %s: %d instead of %d", count,
		    unit_text(&address), prefix_table_find(table, &address, -1),
		    expected);
	}
	ck_assert_uint_gt(hits, 500);
	prefix_table_free(table);
	free(prefixes);
}
END_TEST

Suite *
prefix_suite(void)
{
	Suite *suite = suite_create("prefix");
	TCase *tcase = tcase_create("prefix");

	tcase_add_loop_test(tcase, test_reads_and_writes, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_loop_test(tcase, test_finds_the_longest, 0, LENGTH(found));
	tcase_add_test(tcase, test_ignores_the_scope);
	tcase_add_test(tcase, test_takes_everything);
	tcase_add_test(tcase, test_may_be_empty);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("random");
	tcase_add_loop_test(
	    tcase, test_agrees_with_the_plain_way, 0, LENGTH(sizes));
	suite_add_tcase(suite, tcase);
	return suite;
}
