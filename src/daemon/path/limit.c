/* SPDX-License-Identifier: ISC */
/*
 * Rate limits.  A bucket is one number, the "theoretical arrival time" of
 * GCRA: when its full burst is available again.  Each datagram advances it by
 * the interval of the rate, and must not advance it further ahead of now than
 * the burst allows.  Sources that hash to the same bucket share it; the hash
 * is keyed, so that collisions cannot be arranged.
 */
#include "daemon/path/limit.h"

#include "common/number.h"
#include "common/siphash.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

/* The interval of a higher rate would be less than 1 ns. */
#define LIMIT_MAX 1000000000u

/*
 * How far the clocks of two threads may appear to differ: each reads the time
 * once for many datagrams.  A value further ahead is left from a clock that
 * jumped back or from another rate.
 */
#define SLACK SECOND

struct limit {
	struct limit_options options;
	size_t mask;                /* buckets - 1 */
	_Atomic uint64_t buckets[]; /* followed by the one for rate-total */
};

/* A number from 1 to max, without leading zeros; moves *text past it. */
static bool
parse_count(const char **text, uint32_t max, uint32_t *count)
{
	uint64_t n;

	if (**text == '0' || !number_scan(text, max, &n))
		return false;
	*count = (uint32_t)n;
	return true;
}

/* Skip a word and the blanks around it. */
static bool
parse_word(const char **text, const char *word)
{
	const char *at = *text + strspn(*text, " \t");
	size_t length = strlen(word);

	if (at == *text || strncmp(at, word, length) != 0)
		return false;
	at += length;
	*text = at + strspn(at, " \t");
	return *text != at;
}

/* "/s", or "/m", which divides the count by sixty. */
static bool
parse_unit(const char **text, uint32_t *count)
{
	bool minute = strncmp(*text, "/m", 2) == 0;

	if (!minute && strncmp(*text, "/s", 2) != 0)
		return false;
	*text += 2;
	if (!minute)
		return true;
	if (*count % 60 != 0)
		return false;
	*count /= 60;
	return true;
}

int
limit_rate_parse(struct limit_rate *rate, const char *text)
{
	struct limit_rate parsed;

	if (strcmp(text, "none") == 0) {
		*rate = (struct limit_rate){ .burst = 1 };
		return 0;
	}
	if (!parse_count(&text, LIMIT_MAX, &parsed.per_second) ||
	    !parse_unit(&text, &parsed.per_second))
		return MH_ESYNTAX;
	parsed.burst = parsed.per_second;
	if (*text != '\0' &&
	    (!parse_word(&text, "burst") ||
		!parse_count(&text, LIMIT_MAX, &parsed.burst)))
		return MH_ESYNTAX;
	if (*text != '\0')
		return MH_ESYNTAX;
	*rate = parsed;
	return 0;
}

char *
limit_rate_format(const struct limit_rate *rate, char text[LIMIT_TEXT])
{
	if (rate->per_second == 0)
		snprintf(text, LIMIT_TEXT, "none");
	else
		snprintf(text, LIMIT_TEXT, "%" PRIu32 "/s burst %" PRIu32,
		    rate->per_second, rate->burst);
	return text;
}

static size_t
size_of(size_t buckets)
{
	return sizeof(struct limit) + (buckets + 1) * sizeof(_Atomic uint64_t);
}

struct limit *
limit_new(const struct limit_options *options)
{
	size_t buckets = 1;
	struct limit *limit;

	while (buckets < options->buckets && buckets < SIZE_MAX / 32)
		buckets *= 2;
	if (buckets < options->buckets)
		return NULL;
	limit = calloc(1, size_of(buckets));
	if (limit == NULL)
		return NULL;
	limit->options = *options;
	limit->mask = buckets - 1;
	return limit;
}

void
limit_free(struct limit *limit)
{
	free(limit);
}

/* Keys of buckets are longer than the one byte that is hashed here. */
void
limit_derive(const struct limit *limit, uint8_t seed[16])
{
	uint64_t half;
	uint8_t i;

	for (i = 0; i < 2; i++) {
		half = siphash(limit->options.seed, &i, sizeof(i));
		memcpy(seed + 8 * (size_t)i, &half, sizeof(half));
	}
}

size_t
limit_size(const struct limit *limit)
{
	return size_of(limit->mask + 1);
}

/*
 * GCRA on one bucket.  All differences are modulo 2^64, so that no value of
 * the clock is special.  Relaxed: a bucket guards nothing but itself.
 */
static bool
take(_Atomic uint64_t *bucket, const struct limit_rate *rate, int64_t now)
{
	/* Rounded up: never more than the rate. */
	int64_t interval = (SECOND + rate->per_second - 1) / rate->per_second;
	int64_t reach = interval * rate->burst, ahead;
	uint64_t old = atomic_load_explicit(bucket, memory_order_relaxed), next;
	bool pass;

	do {
		ahead = (int64_t)(old - (uint64_t)now);
		if (ahead < 0)
			ahead = 0;
		pass = ahead <= reach - interval;
		if (!pass && ahead - SLACK <= reach)
			return false;
		/* Too far ahead: exhausted as of now, not forever. */
		next =
		    (uint64_t)now + (uint64_t)(pass ? ahead + interval : reach);
	} while (!atomic_compare_exchange_weak_explicit(
	    bucket, &old, next, memory_order_relaxed, memory_order_relaxed));
	return pass;
}

/* Whose bucket it is: the first bits of an address, at a service. */
struct owner {
	const struct mh_address *source;
	unsigned int bits;
	enum { SOURCE_IPV6, SOURCE_IPV4, SITE } kind;
	uint32_t service;
};

static _Atomic uint64_t *
bucket_of(struct limit *limit, const struct owner *owner)
{
	const struct mh_address *source = owner->source;
	const unsigned int bits = owner->bits;
	const uint32_t service = owner->service;
	uint8_t key[16 + sizeof(service) + 1] = { 0 };

	memcpy(key, source->ip, bits / 8);
	if (bits % 8 != 0)
		key[bits / 8] =
		    (uint8_t)(source->ip[bits / 8] & 0xff00u >> bits % 8);
	memcpy(key + 16, &service, sizeof(service));
	key[16 + sizeof(service)] = (uint8_t)owner->kind;
	return &limit->buckets[(size_t)siphash(
				   limit->options.seed, key, sizeof(key)) &
	    limit->mask];
}

static uint32_t
times(uint32_t number, uint32_t factor)
{
	return number < LIMIT_MAX / factor ? number * factor : LIMIT_MAX;
}

/* Take it off the allowance that all sources of a site share. */
static bool
take_site(struct limit *limit, const struct limit_rate *rate,
    const struct owner *source, int64_t now)
{
	const struct limit_rate all = { times(rate->per_second, LIMIT_SITE),
		times(rate->burst, LIMIT_SITE) };
	struct owner site = *source;

	site.bits = LIMIT_SITE_BITS;
	site.kind = SITE;
	return take(bucket_of(limit, &site), &all, now);
}

bool
limit_source(struct limit *limit, const struct limit_rate *rate,
    const struct mh_address *source, uint32_t service, int64_t now)
{
	bool ipv4 = source->family == MH_FAMILY_IPV4;
	struct owner owner = { .source = source,
		.bits =
		    ipv4 ? limit->options.ipv4_bits : limit->options.ipv6_bits,
		.kind = ipv4 ? SOURCE_IPV4 : SOURCE_IPV6,
		.service = service };

	if (rate->per_second == 0)
		return true;
	if (!take(bucket_of(limit, &owner), rate, now))
		return false;
	/* True of every prefix of IPv4. */
	return owner.bits <= LIMIT_SITE_BITS ||
	    take_site(limit, rate, &owner, now);
}

bool
limit_total(struct limit *limit, const struct limit_rate *rate, int64_t now)
{
	return rate->per_second == 0 ||
	    take(&limit->buckets[limit->mask + 1], rate, now);
}
