/* SPDX-License-Identifier: ISC */
/*
 * IRTT's packets, protocol version 1: parameters, which fields a packet has,
 * and what fills it up.  Pure, and of no connection.
 */
#ifndef SERVICES_IRTT_MESSAGE_H
#define SERVICES_IRTT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a packet begins: the magic, and after it a byte of flags. */
#define IRTT_MAGIC "\x14\xa7\x5b"
#define IRTT_FLAGS 3
#define IRTT_LEAST 4

enum irtt_flag {
	IRTT_OPEN = 1 << 0,
	IRTT_REPLY = 1 << 1,
	IRTT_CLOSE = 1 << 2,
	IRTT_HMAC = 1 << 3,
	IRTT_FLAGS_ALL = (1 << 4) - 1
};

/* Where the digest is, if IRTT_HMAC is set. */
#define IRTT_DIGEST 4

/* The version that this is. */
#define IRTT_VERSION 1

/* What each parameter asks for. */
enum irtt_stats { IRTT_STATS_COUNT = 1 << 0, IRTT_STATS_WINDOW = 1 << 1 };

enum irtt_stamp {
	IRTT_STAMP_SEND = 1 << 0,
	IRTT_STAMP_RECEIVE = 1 << 1,
	IRTT_STAMP_MIDPOINT = 1 << 2 /* and neither of the others */
};

enum irtt_clock { IRTT_CLOCK_WALL = 1 << 0, IRTT_CLOCK_MONOTONIC = 1 << 1 };

/* The longest text of what fills packets up. */
#define IRTT_FILL_MAX 32

struct irtt_params {
	int64_t version;
	int64_t duration, interval; /* nanoseconds; at least 1 */
	int64_t length;             /* of an echo packet, in bytes */
	uint8_t stats, stamp, clock;
	uint8_t tos; /* of echo packets; the DSCP is its upper bits */
	uint8_t fill_length;
	char fill[IRTT_FILL_MAX];
};

/* The longest that irtt_write_params() writes. */
#define IRTT_PARAMS_MAX (8 * 11 + 2 + IRTT_FILL_MAX)

/*
 * Read the parameters of an open request, which are all there is of it.  What
 * is not known is ignored.  False if anything is cut short or out of range.
 */
bool irtt_read_params(
    struct irtt_params *params, const uint8_t *bytes, size_t length);

/* Write them in the shortest form; returns the number of bytes. */
size_t irtt_write_params(
    const struct irtt_params *params, uint8_t bytes[IRTT_PARAMS_MAX]);

/* Stats, stamp and clock as one number, less than IRTT_LAYOUTS. */
#define IRTT_LAYOUTS 128
unsigned int irtt_layout_of(const struct irtt_params *params);

/* Where the fields of an echo reply are; 0: it does not have that. */
struct irtt_fields {
	unsigned int clock; /* enum irtt_clock: what each time consists of */
	size_t token, sequence;
	size_t count, window;
	size_t receive, midpoint, send;
	size_t end;
};

/* The most that end is. */
#define IRTT_HEADER_MAX 76

struct irtt_fields irtt_fields_of(unsigned int layout, bool with_digest);

/* Write a time there, by the clocks that it consists of; not if at is 0. */
void irtt_put_time(uint8_t *packet, size_t at, unsigned int clock,
    int64_t wall_ns, int64_t monotonic_ns);

/*
 * Write into an echo reply when it leaves, or the middle between that and
 * came_ns, when its request came; not before that, though the clock may have
 * been set.  Its token says which fields it has; not if it is too short.
 */
void irtt_put_departure(uint8_t *packet, size_t length, int64_t wall_ns,
    int64_t monotonic_ns, int64_t came_ns);

/* The longest pattern: that of a text that is "pattern:" and its digits. */
#define IRTT_PATTERN_MAX ((IRTT_FILL_MAX - 8) / 2)

/* What fills packets up. */
struct irtt_fill {
	bool random;
	uint8_t length; /* of the pattern; 0: zeros */
	uint8_t pattern[IRTT_PATTERN_MAX];
};

/* What a server allows; times in nanoseconds. */
struct irtt_limits {
	int64_t duration;
	int64_t least_interval, most_interval;
	int64_t length;
};

/*
 * Change what must be changed, and nothing else: other clients than --loose
 * ones end their test.  A fill that is not known is left out; *fill is what was
 * agreed on.  Returns whether anything has changed.
 */
bool irtt_lower_params(struct irtt_params *params,
    const struct irtt_limits *limits, struct irtt_fill *fill);

/* Fill bytes; seed: of random ones, which are not for secrets. */
void irtt_fill(
    const struct irtt_fill *fill, uint64_t seed, uint8_t *bytes, size_t length);

#endif
