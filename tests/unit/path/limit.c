/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/limit.c: GCRA to the datagram, with the time passed in, also
 * from several threads.
 */
#include "daemon/path/limit.h"

#include "unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)

/* Any time will do to start at; this one is far from 0. */
#define START (12345 * SECOND)

/*
 * Rates as text.
 */

static const struct {
	const char *text;
	struct limit_rate rate;
	const char *written;
} good[] = {
	{ "100/s burst 200", { 100, 200 }, "100/s burst 200" },
	{ "100/s", { 100, 100 }, "100/s burst 100" },
	{ "1/s", { 1, 1 }, "1/s burst 1" },
	{ "1/s burst 5", { 1, 5 }, "1/s burst 5" },
	{ "100/s  burst\t 1", { 100, 1 }, "100/s burst 1" },
	{ "600/m", { 10, 10 }, "10/s burst 10" },
	{ "60/m burst 3", { 1, 3 }, "1/s burst 3" },
	{ "1000000000/s burst 1000000000", { 1000000000, 1000000000 },
	    "1000000000/s burst 1000000000" },
	{ "none", { 0, 1 }, "none" },
};

START_TEST(test_reads_and_writes)
{
	struct limit_rate rate = { 7, 7 }, again = { 8, 8 };
	char text[LIMIT_TEXT];

	ck_assert_msg(limit_rate_parse(&rate, good[_i].text) == 0,
	    "%s: refused", good[_i].text);
	ck_assert_uint_eq(rate.per_second, good[_i].rate.per_second);
	ck_assert_uint_eq(rate.burst, good[_i].rate.burst);
	ck_assert_ptr_eq(limit_rate_format(&rate, text), text);
	ck_assert_str_eq(text, good[_i].written);
	ck_assert_int_eq(limit_rate_parse(&again, text), 0);
	ck_assert_mem_eq(&again, &rate, sizeof(rate));
}
END_TEST

/* The longest possible. */
START_TEST(test_writes_any)
{
	struct limit_rate rate = { UINT32_MAX, UINT32_MAX };
	char text[LIMIT_TEXT];

	ck_assert_str_eq(
	    limit_rate_format(&rate, text), "4294967295/s burst 4294967295");
}
END_TEST

static const char *const bad[] = {
	"",
	" ",
	"none ",
	"None",
	"100",
	"/s",
	"100/",
	"100/h",
	"100/sec",
	"100 /s",
	"100/ s",
	" 100/s",
	"100/s ",
	"0/s",
	"0/m",
	"01/s",
	"-1/s",
	"+1/s",
	"1.5/s",
	"1e3/s",
	"1000000001/s",
	"4294967297/s",
	"18446744073709551617/s",
	"59/m", /* not a whole number a second */
	"90/m",
	"100/s burst",
	"100/s burst ",
	"100/s burst 0",
	"100/s burst -1",
	"100/s burst 01",
	"100/s burst 1000000001",
	"100/s burst 200 ",
	"100/s burst 200x",
	"100/s burst 200 burst 300",
	"100/sburst 200",
	"100/s burst200",
	"100/s, burst 200",
	"100/s 200",
	"burst 200",
};

START_TEST(test_refuses)
{
	struct limit_rate rate = { 7, 8 };

	ck_assert_msg(limit_rate_parse(&rate, bad[_i]) == MH_ESYNTAX,
	    "%s: taken", bad[_i]);
	ck_assert_uint_eq(rate.per_second, 7);
	ck_assert_uint_eq(rate.burst, 8);
}
END_TEST

/*
 * One source.
 */

static struct limit *
make_limit(size_t buckets)
{
	struct limit_options options = { .buckets = buckets,
		.ipv4_bits = 32,
		.ipv6_bits = 64,
		.seed = "sixteen bytes of" };
	struct limit *limit = limit_new(&options);

	ck_assert_ptr_nonnull(limit);
	return limit;
}

static struct limit *limit;
static struct mh_address source;

static void
setup(void)
{
	limit = make_limit(1024);
	source = unit_address("198.51.100.9:40000");
}

static void
teardown(void)
{
	limit_free(limit);
}

/* How many of that many pass at that time? */
static unsigned int
ask(const struct limit_rate *rate, unsigned int count, int64_t now)
{
	unsigned int passed = 0;

	while (count-- > 0)
		passed += limit_source(limit, rate, &source, 0, now);
	return passed;
}

static const struct {
	struct limit_rate rate;
	struct {
		int64_t at; /* after START */
		unsigned int asked;
		unsigned int passed;
	} steps[8]; /* ended by nothing asked */
} runs[] = {
	/* A burst, then one each interval, then a rest. */
	{ { 10, 5 },
	    { { 0, 9, 5 }, { 100 * MILLISECOND - 1, 1, 0 },
		{ 100 * MILLISECOND, 2, 1 }, { 200 * MILLISECOND, 2, 1 },
		{ 500 * MILLISECOND, 9, 3 }, { 100 * SECOND, 9, 5 } } },
	/* Without burst: strictly one each interval. */
	{ { 10, 1 },
	    { { 0, 2, 1 }, { 99999999, 1, 0 }, { 100000000, 2, 1 },
		{ 199999999, 1, 0 }, { 200000000, 1, 1 } } },
	/* What is refused costs nothing. */
	{ { 1, 1 },
	    { { 0, 1000, 1 }, { SECOND - 1, 1000, 0 }, { SECOND, 2, 1 } } },
	/* A burst does not pile up. */
	{ { 1, 3 },
	    { { 0, 9, 3 }, { 3 * SECOND, 9, 3 }, { 1000 * SECOND, 9, 3 } } },
	/* An interval that is not a whole number is rounded up. */
	{ { 3, 1 }, { { 0, 2, 1 }, { 333333333, 1, 0 }, { 333333334, 2, 1 } } },
	/* Nobody can ask faster than this. */
	{ { 1000000000, 1 }, { { 0, 9, 1 }, { 1, 9, 1 }, { 3, 9, 1 } } },
	/* None. */
	{ { 0, 1 }, { { 0, 1000, 1000 } } },
	/* Outside the contract: no burst lets nothing pass. */
	{ { 10, 0 }, { { 0, 9, 0 }, { SECOND, 9, 0 } } },
	{ { UINT32_MAX, UINT32_MAX }, { { 0, 9, 9 } } },
	{ { 1, UINT32_MAX }, { { 0, 9, 9 } } },
};

START_TEST(test_passes_exactly)
{
	unsigned int i, passed;

	for (i = 0; runs[_i].steps[i].asked != 0; i++) {
		passed = ask(&runs[_i].rate, runs[_i].steps[i].asked,
		    START + runs[_i].steps[i].at);
		ck_assert_msg(passed == runs[_i].steps[i].passed,
		    "%u/s burst %u, step %u: %u passed",
		    runs[_i].rate.per_second, runs[_i].rate.burst, i, passed);
	}
}
END_TEST

static const struct limit_rate rates[] = { { 1, 1 }, { 7, 3 }, { 100, 200 },
	{ 1000, 10 }, { 99999, 5 } };

/* Ten seconds at three times the rate: the burst, and the rate. */
START_TEST(test_sustains_its_rate)
{
	struct limit_rate rate = rates[_i];
	int64_t step = SECOND / rate.per_second / 3 + 1, now;
	unsigned int passed = 0, expected = 10 * rate.per_second + rate.burst;

	for (now = START; now < START + 10 * SECOND; now += step)
		passed += ask(&rate, 1, now);
	ck_assert_uint_le(passed, expected);
	ck_assert_uint_ge(passed, expected - expected / 50 - 1);
}
END_TEST

/* A source below the rate is never refused. */
START_TEST(test_leaves_the_modest_alone)
{
	struct limit_rate rate = rates[_i];
	int64_t step = SECOND / rate.per_second + 1, now;

	for (now = START; now < START + 10 * SECOND; now += step)
		ck_assert_uint_eq(ask(&rate, 1, now), 1);
}
END_TEST

/* Whatever the clock's value, even where it wraps around. */
static const int64_t starts[] = { 0, 1, SECOND, INT64_MAX - SECOND / 2,
	INT64_MAX - 10 * SECOND, INT64_MIN + SECOND, -1 - SECOND / 2 };

START_TEST(test_does_the_same_at_any_time)
{
	struct limit_rate rate = { 10, 5 };
	uint64_t now = (uint64_t)starts[_i];

	/* From a bucket at rest, which no value of the clock may look like. */
	ask(&rate, 9, (int64_t)now);
	now += 2 * (uint64_t)SECOND;
	ck_assert_uint_eq(ask(&rate, 9, (int64_t)now), 5);
	now += 100 * (uint64_t)MILLISECOND - 1;
	ck_assert_uint_eq(ask(&rate, 9, (int64_t)now), 0);
	ck_assert_uint_eq(ask(&rate, 9, (int64_t)(now + 1)), 1);
	now += (uint64_t)SECOND;
	ck_assert_uint_eq(ask(&rate, 9, (int64_t)now), 5);
}
END_TEST

static const int64_t jumps[] = { 1, MILLISECOND, SECOND, 2 * SECOND,
	3600 * SECOND, START, START + 3600 * SECOND };

/*
 * A clock that goes back gives nothing away, and locks nobody out for longer
 * than the slack and the burst.
 */
START_TEST(test_survives_time_going_back)
{
	struct limit_rate rate = { 10, 5 };
	int64_t now = START - jumps[_i];

	ck_assert_uint_eq(ask(&rate, 9, START), 5);
	ck_assert_uint_eq(ask(&rate, 9, now), 0);
	ck_assert_uint_eq(ask(&rate, 9, now + 3 * SECOND), 5);
}
END_TEST

/*
 * A clock that swings by less than the slack yields no more than its latest
 * time.
 */
START_TEST(test_is_not_fooled_by_a_slow_clock)
{
	struct limit_rate rate = { 1000, 10 };
	unsigned int passed = 0, i;

	for (i = 0; i < 1000; i++)
		passed += ask(
		    &rate, 20, START + (i % 2 == 0 ? 0 : -900 * MILLISECOND));
	ck_assert_uint_eq(passed, 10);
}
END_TEST

/* A reload may bring another rate. */
START_TEST(test_takes_a_new_rate)
{
	struct limit_rate slow = { 1, 100 }, fast = { 100, 10 };

	ck_assert_uint_eq(ask(&slow, 200, START), 100);
	/* Not the 100 seconds that the old rate would have required. */
	ck_assert_uint_eq(ask(&fast, 1, START), 0);
	ck_assert_uint_eq(ask(&fast, 20, START + SECOND), 10);
}
END_TEST

/*
 * Several sources.
 */

static const struct {
	const char *first;
	const char *second;
	unsigned int ipv4_bits, ipv6_bits;
	bool same;
} pairs[] = {
	{ "198.51.100.9:1", "198.51.100.9:65535", 32, 64, true },
	{ "198.51.100.9", "198.51.100.8", 32, 64, false },
	{ "198.51.100.9", "198.51.100.8", 31, 64, true },
	{ "198.51.100.9", "198.51.100.10", 31, 64, false },
	{ "198.51.100.9", "198.51.100.200", 24, 64, true },
	{ "198.51.100.9", "198.51.101.9", 24, 64, false },
	{ "198.51.100.9", "198.51.101.9", 23, 64, true },
	{ "198.51.100.9", "198.51.100.41", 27, 64, false },
	{ "198.51.100.9", "198.51.100.30", 27, 64, true },
	{ "198.51.100.9", "203.0.113.1", 0, 64, true },
	{ "[2001:db8::1]:1", "[2001:db8::1]:2", 32, 64, true },
	{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", 32, 64, true },
	{ "2001:db8::1", "2001:db8:0:1::1", 32, 64, false },
	{ "2001:db8::1", "2001:db8:0:1::1", 32, 63, true },
	{ "2001:db8::1", "2001:db8:0:2::1", 32, 63, false },
	{ "2001:db8::1", "2001:db8:0:10::1", 32, 60, false },
	{ "2001:db8::1", "2001:db8:0:f::1", 32, 60, true },
	{ "2001:db8::1", "2001:db8::2", 32, 128, false },
	{ "2001:db8::1", "2001:db8:ffff::1", 32, 48, false },
	{ "2001:db8::1", "2001:db8:0:ffff::1", 32, 48, true },
	{ "2001:db8::1", "fe80::1", 32, 0, true },
	/* One host on two links is one source. */
	{ "fe80::1%2", "fe80::1%3", 32, 128, true },
	/* The same bytes in the other family. */
	{ "32.1.13.184", "2001:db8::", 32, 64, false },
	{ "0.0.0.0", "::", 0, 0, false },
};

START_TEST(test_groups_by_prefix)
{
	struct limit_options options = { .buckets = 65536,
		.ipv4_bits = pairs[_i].ipv4_bits,
		.ipv6_bits = pairs[_i].ipv6_bits };
	struct mh_address first = unit_address(pairs[_i].first);
	struct mh_address second = unit_address(pairs[_i].second);
	struct limit_rate rate = { 1, 1 };
	struct limit *other = limit_new(&options);

	ck_assert_ptr_nonnull(other);
	ck_assert(limit_source(other, &rate, &first, 0, START));
	ck_assert(!limit_source(other, &rate, &first, 0, START));
	ck_assert_msg(
	    limit_source(other, &rate, &second, 0, START) != pairs[_i].same,
	    "%s and %s, /%u and /%u", pairs[_i].first, pairs[_i].second,
	    pairs[_i].ipv4_bits, pairs[_i].ipv6_bits);
	limit_free(other);
}
END_TEST

/* An IPv6 site may ask from any of its 65536 /64, and gets 16 times as much. */
static const struct {
	unsigned int ipv6_bits;
	const char *text; /* byte 7 numbers the sources */
	unsigned int passed;
	const char *other;
	bool other_passes;
} sites[] = {
	{ 64, "2001:db8:1::9", 16 * 5, "2001:db8:2::9", true },
	{ 64, "2001:db8:1::9", 16 * 5, "2001:db8:1:ff00::9", false },
	{ 128, "2001:db8:1::9", 16 * 5, "2001:db8:1:ff00::9", false },
	{ 49, "2001:db8:1::9", 5, "2001:db8:1:8000::9", true },
	/* A source is as large as a site. */
	{ 48, "2001:db8:1::9", 5, "2001:db8:1:ff00::9", false },
	{ 32, "2001:db8:1::9", 5, "2001:db8:2::9", false },
	/* IPv4 has no sites. */
	{ 64, "198.51.100.9", 200 * 5, "192.0.2.9", true },
};

START_TEST(test_limits_sites)
{
	struct limit_options options = { .buckets = 65536,
		.ipv4_bits = 32,
		.ipv6_bits = sites[_i].ipv6_bits,
		.seed = "sixteen bytes of" };
	struct mh_address address = unit_address(sites[_i].text);
	struct mh_address other = unit_address(sites[_i].other);
	struct limit_rate rate = { 1, 5 };
	struct limit *table = limit_new(&options);
	unsigned int i, n, passed = 0;

	for (i = 0; i < 200; i++) {
		address.ip[address.family == MH_FAMILY_IPV4 ? 3 : 7] =
		    (uint8_t)i;
		for (n = 0; n < 10; n++)
			passed +=
			    limit_source(table, &rate, &address, 0, START);
	}
	ck_assert_uint_eq(passed, sites[_i].passed);
	ck_assert_int_eq(limit_source(table, &rate, &other, 0, START),
	    sites[_i].other_passes);
	/* 16 a second. */
	passed = 0;
	for (i = 0; i < 200 && sites[_i].passed == 16 * 5; i++) {
		address.ip[7] = (uint8_t)i;
		passed +=
		    limit_source(table, &rate, &address, 0, START + 2 * SECOND);
	}
	ck_assert_uint_eq(passed, sites[_i].passed == 16 * 5 ? 32 : 0);
	limit_free(table);
}
END_TEST

/* Sixteen times the maximum is the maximum. */
START_TEST(test_limits_sites_at_most)
{
	struct limit_rate rate = { 1000000000, 1000000000 };
	struct limit_rate large = { 1u << 28, 1u << 28 };

	source = unit_address("2001:db8::9");
	ck_assert(limit_source(limit, &rate, &source, 0, START));
	ck_assert(limit_source(limit, &large, &source, 1, START));
}
END_TEST

START_TEST(test_keeps_services_apart)
{
	struct limit_rate rate = { 1, 1 };
	uint32_t service;

	for (service = 0; service < 8; service++)
		ck_assert(limit_source(limit, &rate, &source, service, START));
	for (service = 0; service < 8; service++)
		ck_assert(!limit_source(limit, &rate, &source, service, START));
	ck_assert(limit_source(limit, &rate, &source, UINT32_MAX, START));
}
END_TEST

START_TEST(test_has_a_ceiling_of_its_own)
{
	struct limit_rate rate = { 10, 5 }, none = { 0, 1 };
	struct limit *table = make_limit(1);
	unsigned int passed = 0, i;

	for (i = 0; i < 9; i++)
		passed += limit_source(table, &rate, &source, 0, START);
	ck_assert_uint_eq(passed, 5);
	for (i = 0; i < 9; i++)
		passed += limit_total(table, &rate, START);
	ck_assert_uint_eq(passed, 10);
	ck_assert(!limit_total(table, &rate, START + 99 * MILLISECOND));
	ck_assert(limit_total(table, &rate, START + 100 * MILLISECOND));
	ck_assert(!limit_total(table, &rate, START + 100 * MILLISECOND));
	for (i = 0; i < 1000; i++)
		ck_assert(limit_total(table, &none, START));
	/* The single source still has its own. */
	ck_assert(
	    limit_source(table, &rate, &source, 0, START + 100 * MILLISECOND));
	limit_free(table);
}
END_TEST

static struct mh_address
numbered_source(uint32_t n)
{
	struct mh_address address = { .family = MH_FAMILY_IPV4 };

	address.ip[0] = (uint8_t)(n >> 24);
	address.ip[1] = (uint8_t)(n >> 16);
	address.ip[2] = (uint8_t)(n >> 8);
	address.ip[3] = (uint8_t)n;
	return address;
}

/* With as many sources as buckets, how many get one for themselves? */
static unsigned int
count_alone(struct limit *table, uint32_t count)
{
	struct limit_rate rate = { 1, 1 };
	struct mh_address address;
	unsigned int alone = 0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		address = numbered_source(i);
		alone += limit_source(table, &rate, &address, 0, START);
	}
	return alone;
}

/*
 * Neighbours spread like balls thrown at random: into 1 - 1/e of the buckets.
 */
START_TEST(test_spreads_sources)
{
	struct limit *table = make_limit(65536);
	unsigned int alone = count_alone(table, 65536);

	ck_assert_uint_ge(alone, 65536 * 62 / 100);
	ck_assert_uint_le(alone, 65536 * 65 / 100);
	limit_free(table);
}
END_TEST

/* Which sources collide depends on the seed. */
START_TEST(test_hides_its_buckets)
{
	struct limit_options options = { .buckets = 64, .ipv4_bits = 32 };
	struct limit_rate rate = { 1, 1 };
	bool passed[64], differs = false;
	struct mh_address address;
	struct limit *table;
	unsigned int round;
	uint32_t i;

	for (round = 0; round < 2; round++) {
		options.seed[15] = (uint8_t)round;
		table = limit_new(&options);
		ck_assert_ptr_nonnull(table);
		for (i = 0; i < 64; i++) {
			address = numbered_source(i);
			if (round == 0)
				passed[i] = limit_source(
				    table, &rate, &address, 0, START);
			else
				differs |= passed[i] !=
				    limit_source(
					table, &rate, &address, 0, START);
		}
		limit_free(table);
	}
	ck_assert(differs);
}
END_TEST

/* Another seed for another purpose: the table's own is not in it. */
START_TEST(test_derives_a_seed)
{
	const struct limit_options other_options = { .buckets = 1 };
	struct limit *other = limit_new(&other_options);
	uint8_t seed[16], again[16];

	limit_derive(limit, seed);
	limit_derive(limit, again);
	ck_assert_mem_eq(seed, again, sizeof(seed));
	ck_assert_mem_ne(seed, "sixteen bytes of", sizeof(seed));
	ck_assert_mem_ne(seed, seed + 8, 8);
	limit_derive(other, again);
	ck_assert_mem_ne(seed, again, 8);
	ck_assert_mem_ne(seed + 8, again + 8, 8);
	limit_free(other);
}
END_TEST

static const struct {
	size_t asked;
	size_t buckets;
} table_sizes[] = { { 0, 1 }, { 1, 1 }, { 2, 2 }, { 3, 4 }, { 1000, 1024 },
	{ 65536, 65536 }, { 65537, 131072 } };

START_TEST(test_rounds_its_size)
{
	struct limit *table = make_limit(table_sizes[_i].asked);
	size_t bytes = table_sizes[_i].buckets * sizeof(uint64_t);

	ck_assert_uint_ge(limit_size(table), bytes);
	ck_assert_uint_le(limit_size(table), bytes + 128);
	limit_free(table);
}
END_TEST

START_TEST(test_refuses_the_impossible)
{
	struct limit_options options = { .buckets = SIZE_MAX };

	ck_assert_ptr_null(limit_new(&options));
	options.buckets = SIZE_MAX / 16;
	ck_assert_ptr_null(limit_new(&options));
	limit_free(NULL);
}
END_TEST

/* Pages of this process that are in memory; 0 if unknown. */
static long
resident_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (file == NULL)
		return 0;
	ck_assert_int_eq(fscanf(file, "%*d %ld", &pages), 1);
	fclose(file);
	return pages;
}

/*
 * Ten million spoofed sources take no memory.  As soon as they leave room in
 * the buckets, a client among them is served.
 */
START_TEST(test_stands_a_flood)
{
	struct limit *table = make_limit(65536);
	struct limit_rate rate = { 100, 200 };
	struct mh_address address;
	unsigned int asked = 0, served = 0;
	size_t size = limit_size(table);
	long before = 0;
	int64_t now;
	uint32_t i;

	source = unit_address("203.0.113.77");
	for (i = 0; i < 11000000; i++) {
		/* A million per second; each bucket gets 15 of them. */
		now = START + i * INT64_C(1000);
		address = numbered_source(i * 2654435761u);
		limit_source(table, &rate, &address, 0, now);
		if (i == 1000000)
			before = resident_pages();
		if (i % 20000 != 0)
			continue;
		asked++;
		served += limit_source(table, &rate, &source, 0, now);
	}
	/* A byte for each would be 10 MB. */
	ck_assert_int_le(resident_pages(), before + 256);
	ck_assert_uint_eq(limit_size(table), size);
	ck_assert_uint_eq(served, asked);
	limit_free(table);
}
END_TEST

/*
 * Several threads.
 */

#define THREADS 4

struct contest {
	struct limit_rate rate;
	unsigned int asked; /* by each thread */
	int64_t step;       /* of each thread's clock */
	int64_t lag;        /* of each thread after the one before */
};

struct hammer {
	pthread_t thread;
	pthread_barrier_t *barrier;
	const struct contest *contest;
	int64_t start;
	unsigned int passed;
};

static void *
hammer(void *argument)
{
	struct hammer *h = argument;
	unsigned int i;

	pthread_barrier_wait(h->barrier);
	for (i = 0; i < h->contest->asked; i++)
		h->passed += limit_total(
		    limit, &h->contest->rate, h->start + i * h->contest->step);
	return NULL;
}

/* However the threads run, their clocks are less than a second apart. */
static const struct contest contests[] = {
	{ { 1, 1 }, 100000, 0, 0 },
	{ { 1, 1000 }, 100000, 0, 0 },
	/* Long enough that no thread has it for itself. */
	{ { 1, 2000000 }, 1000000, 0, 0 },
	{ { 1000, 10 }, 100000, 5000, 0 },
	{ { 100000, 10 }, 100000, 5000, 0 },
	{ { 1000, 10 }, 100000, 5000, 100 * MILLISECOND },
	{ { 50000, 1 }, 100000, 5000, 3 * MILLISECOND },
};

START_TEST(test_grants_threads_no_more)
{
	const struct contest *contest = &contests[_i];
	struct hammer hammers[THREADS] = { { .passed = 0 } };
	int64_t elapsed =
	    contest->step * (contest->asked - 1) + contest->lag * (THREADS - 1);
	unsigned int passed = 0, most, i;
	pthread_barrier_t barrier;

	ck_assert_int_eq(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	for (i = 0; i < THREADS; i++) {
		hammers[i].barrier = &barrier;
		hammers[i].contest = contest;
		hammers[i].start = START - i * contest->lag;
		ck_assert_int_eq(pthread_create(&hammers[i].thread, NULL,
				     hammer, &hammers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(hammers[i].thread, NULL);
		passed += hammers[i].passed;
	}
	pthread_barrier_destroy(&barrier);
	most = contest->rate.burst +
	    (unsigned int)(elapsed * contest->rate.per_second / SECOND);
	ck_assert_uint_le(passed, most);
	/* Whoever comes first is served: at least the burst. */
	ck_assert_uint_ge(passed, contest->rate.burst);
	if (elapsed == 0)
		ck_assert_uint_eq(passed, most);
}
END_TEST

static void
add_text_tests(Suite *suite)
{
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, test_reads_and_writes, 0, LENGTH(good));
	tcase_add_test(tcase, test_writes_any);
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	suite_add_tcase(suite, tcase);
}

static void
add_thread_tests(Suite *suite)
{
	TCase *tcase = unit_long_tcase("threads");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_loop_test(
	    tcase, test_grants_threads_no_more, 0, LENGTH(contests));
	suite_add_tcase(suite, tcase);
}

Suite *
limit_suite(void)
{
	Suite *suite = suite_create("limit");
	TCase *tcase = tcase_create("limit");

	add_text_tests(suite);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_loop_test(tcase, test_passes_exactly, 0, LENGTH(runs));
	tcase_add_loop_test(
	    tcase, test_does_the_same_at_any_time, 0, LENGTH(starts));
	tcase_add_loop_test(
	    tcase, test_survives_time_going_back, 0, LENGTH(jumps));
	tcase_add_test(tcase, test_is_not_fooled_by_a_slow_clock);
	tcase_add_test(tcase, test_takes_a_new_rate);
	tcase_add_loop_test(tcase, test_groups_by_prefix, 0, LENGTH(pairs));
	tcase_add_loop_test(tcase, test_limits_sites, 0, LENGTH(sites));
	tcase_add_test(tcase, test_limits_sites_at_most);
	tcase_add_test(tcase, test_keeps_services_apart);
	tcase_add_test(tcase, test_has_a_ceiling_of_its_own);
	tcase_add_test(tcase, test_spreads_sources);
	tcase_add_test(tcase, test_hides_its_buckets);
	tcase_add_test(tcase, test_derives_a_seed);
	tcase_add_loop_test(
	    tcase, test_rounds_its_size, 0, LENGTH(table_sizes));
	tcase_add_test(tcase, test_refuses_the_impossible);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("flood");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, test_stands_a_flood);
	tcase_add_loop_test(tcase, test_sustains_its_rate, 0, LENGTH(rates));
	tcase_add_loop_test(
	    tcase, test_leaves_the_modest_alone, 0, LENGTH(rates));
	suite_add_tcase(suite, tcase);
	add_thread_tests(suite);
	return suite;
}
