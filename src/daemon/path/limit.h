/* SPDX-License-Identifier: ISC */
/*
 * Rate limits by GCRA (the leaky bucket as a meter; ITU-T I.371), in datagrams
 * per second: for each source prefix, and for all together.  One table of fixed
 * size, a 64-bit atomic per bucket, shared by all threads without a lock.  Time
 * is passed in.
 */
#ifndef DAEMON_PATH_LIMIT_H
#define DAEMON_PATH_LIMIT_H

#include "lib/multihome.h"

/* A rate; per_second 0: no limit. */
struct limit_rate {
	uint32_t per_second; /* sustained */
	uint32_t burst;      /* the most at once after a pause; at least 1 */
};

/* A site is an IPv6 prefix of this length, and gets this multiple of a rate. */
#define LIMIT_SITE_BITS 48
#define LIMIT_SITE 16

/* Bytes that hold any rate as text. */
#define LIMIT_TEXT 48

/*
 * Read "100/s burst 200", "100/s" (burst: one second's worth), "600/m" (a
 * multiple of 60: 10 a second), or "none".  At most 1000000000.  Returns 0 or
 * MH_ESYNTAX; on failure *rate is as it was.
 */
int limit_rate_parse(struct limit_rate *rate, const char *text);

/* Write it in the form that limit_rate_parse() reads; returns text. */
char *limit_rate_format(const struct limit_rate *rate, char text[LIMIT_TEXT]);

struct limit;

/* How a table is made. */
struct limit_options {
	size_t buckets;         /* rounded up to a power of two */
	unsigned int ipv4_bits; /* prefix that counts as one source: 32 */
	unsigned int ipv6_bits; /* 64 */
	uint8_t seed[16]; /* random, so that collisions cannot be chosen */
};

/* NULL when out of memory. */
struct limit *limit_new(const struct limit_options *options);
void limit_free(struct limit *limit);

/*
 * Random bytes for another purpose than the table's own: always the same ones
 * of the same table, and no way back from them to its seed.
 */
void limit_derive(const struct limit *limit, uint8_t seed[16]);

/* Bytes that the table takes: fixed for its life. */
size_t limit_size(const struct limit *limit);

/*
 * May another datagram from that source pass now?  If so, it is counted.  An
 * IPv6 /48, which is a site, may send LIMIT_SITE times as much as one source in
 * it.  The port is ignored.  service: sources are counted separately for each
 * of these numbers.  now: host_monotonic_ns(), nanoseconds.  Any thread.
 */
bool limit_source(struct limit *limit, const struct limit_rate *rate,
    const struct mh_address *source, uint32_t service, int64_t now);

/* The same for all sources together, in a single bucket. */
bool limit_total(
    struct limit *limit, const struct limit_rate *rate, int64_t now);

#endif
