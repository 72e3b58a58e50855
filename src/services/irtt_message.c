/* SPDX-License-Identifier: ISC */
/*
 * Parameters are pairs of a number and a value, both of variable length, in
 * ascending order; values of zero are left out.  All other numbers are little
 * endian, and fields that a packet does not need are not there.
 */
#include "services/irtt_message.h"

#include "common/bytes.h"
#include "common/hex.h"
#include "common/varint.h"

#include <string.h>

/* The numbers of parameters. */
enum {
	VERSION = 1,
	DURATION,
	INTERVAL,
	LENGTH,
	STATS,
	STAMP,
	CLOCK,
	TOS,
	FILL
};

struct reader {
	const uint8_t *at, *end;
	bool good;
};

static uint64_t
read_number(struct reader *reader)
{
	uint64_t number;

	if (varint_read(&reader->at, reader->end, &number))
		return number;
	reader->good = false;
	return 0;
}

/* 0, -1, 1, -2 ... are written as 0, 1, 2, 3; only up to INT64_MAX here. */
static int64_t
read_value(struct reader *reader, int64_t least, int64_t most)
{
	uint64_t number = read_number(reader);
	int64_t value = (int64_t)(number >> 1);

	if ((number & 1) != 0 || value < least || value > most)
		reader->good = false;
	return value;
}

static void
read_fill_text(struct reader *reader, struct irtt_params *params)
{
	uint64_t length = read_number(reader);

	if (length > IRTT_FILL_MAX ||
	    length > (uint64_t)(reader->end - reader->at)) {
		reader->good = false;
		return;
	}
	memcpy(params->fill, reader->at, (size_t)length);
	params->fill_length = (uint8_t)length;
	reader->at += length;
}

static void
read_param(struct reader *reader, struct irtt_params *params)
{
	switch (read_number(reader)) {
	case VERSION:
		params->version = read_value(reader, 1, INT64_MAX);
		break;
	case DURATION:
		params->duration = read_value(reader, 1, INT64_MAX);
		break;
	case INTERVAL:
		params->interval = read_value(reader, 1, INT64_MAX);
		break;
	case LENGTH:
		params->length = read_value(reader, 0, INT64_MAX);
		break;
	case STATS:
		params->stats = (uint8_t)read_value(
		    reader, 0, IRTT_STATS_COUNT | IRTT_STATS_WINDOW);
		break;
	case STAMP:
		params->stamp =
		    (uint8_t)read_value(reader, 0, IRTT_STAMP_MIDPOINT);
		break;
	case CLOCK:
		params->clock = (uint8_t)read_value(
		    reader, 0, IRTT_CLOCK_WALL | IRTT_CLOCK_MONOTONIC);
		break;
	case TOS:
		params->tos = (uint8_t)read_value(reader, 0, UINT8_MAX);
		break;
	case FILL:
		read_fill_text(reader, params);
		break;
	default:
		(void)read_number(reader);
		break;
	}
}

bool
irtt_read_params(
    struct irtt_params *params, const uint8_t *bytes, size_t length)
{
	struct reader reader = { bytes, bytes + length, true };

	*params = (struct irtt_params){ .version = 0 };
	while (reader.good && reader.at < reader.end)
		read_param(&reader, params);
	return reader.good && params->version > 0 && params->duration > 0 &&
	    params->interval > 0;
}

static uint8_t *
put_value(uint8_t *at, unsigned int param, int64_t value)
{
	if (value == 0)
		return at;
	at = varint_put(at, param);
	return varint_put(at, (uint64_t)value << 1);
}

size_t
irtt_write_params(
    const struct irtt_params *params, uint8_t bytes[IRTT_PARAMS_MAX])
{
	uint8_t *at = put_value(bytes, VERSION, params->version);

	at = put_value(at, DURATION, params->duration);
	at = put_value(at, INTERVAL, params->interval);
	at = put_value(at, LENGTH, params->length);
	at = put_value(at, STATS, params->stats);
	at = put_value(at, STAMP, params->stamp);
	at = put_value(at, CLOCK, params->clock);
	at = put_value(at, TOS, params->tos);
	if (params->fill_length > 0) {
		at = varint_put(at, FILL);
		at = varint_put(at, params->fill_length);
		memcpy(at, params->fill, params->fill_length);
		at += params->fill_length;
	}
	return (size_t)(at - bytes);
}

/* Two bits of stats, three of stamp, two of clock. */
unsigned int
irtt_layout_of(const struct irtt_params *params)
{
	return params->stats | (unsigned int)params->stamp << 2 |
	    (unsigned int)params->clock << 5;
}

static size_t
token_at(bool with_digest)
{
	return with_digest ? IRTT_DIGEST + 16 : IRTT_LEAST;
}

struct irtt_fields
irtt_fields_of(unsigned int layout, bool with_digest)
{
	const unsigned int stats = layout & 3, stamp = layout >> 2 & 7;
	struct irtt_fields fields = { .clock = layout >> 5 & 3 };
	const size_t time =
	    8 * ((fields.clock & 1) + (size_t)(fields.clock >> 1));

	fields.token = token_at(with_digest);
	fields.sequence = fields.token + 8;
	fields.end = fields.sequence + 4;
	if ((stats & IRTT_STATS_COUNT) != 0) {
		fields.count = fields.end;
		fields.end += 4;
	}
	if ((stats & IRTT_STATS_WINDOW) != 0) {
		fields.window = fields.end;
		fields.end += 8;
	}
	if ((stamp & IRTT_STAMP_RECEIVE) != 0) {
		fields.receive = fields.end;
		fields.end += time;
	}
	if ((stamp & IRTT_STAMP_MIDPOINT) != 0) {
		fields.midpoint = fields.end;
		fields.end += time;
	}
	if ((stamp & IRTT_STAMP_SEND) != 0) {
		fields.send = fields.end;
		fields.end += time;
	}
	return fields;
}

void
irtt_put_time(uint8_t *packet, size_t at, unsigned int clock, int64_t wall_ns,
    int64_t monotonic_ns)
{
	if (at == 0)
		return;
	if ((clock & IRTT_CLOCK_WALL) != 0) {
		bytes_put_little64(packet + at, (uint64_t)wall_ns);
		at += 8;
	}
	/* To clients 0 is the time of a reply that has none. */
	if ((clock & IRTT_CLOCK_MONOTONIC) != 0)
		bytes_put_little64(packet + at,
		    monotonic_ns != 0 ? (uint64_t)monotonic_ns : 1);
}

void
irtt_put_departure(uint8_t *packet, size_t length, int64_t wall_ns,
    int64_t monotonic_ns, int64_t came_ns)
{
	const bool is_signed = (packet[IRTT_FLAGS] & IRTT_HMAC) != 0;
	const size_t token = token_at(is_signed);
	struct irtt_fields fields;
	int64_t came_wall, half;

	if (length < token + 8)
		return;
	/* Its lowest bits come first. */
	fields = irtt_fields_of(packet[token] % IRTT_LAYOUTS, is_signed);
	if (length < fields.end)
		return;
	if (monotonic_ns < came_ns)
		monotonic_ns = came_ns;
	half = (monotonic_ns - came_ns) / 2;
	irtt_put_time(packet, fields.midpoint, fields.clock, wall_ns - half,
	    came_ns + half);
	if (fields.receive != 0 && (fields.clock & IRTT_CLOCK_WALL) != 0) {
		came_wall =
		    (int64_t)bytes_get_little64(packet + fields.receive);
		if (wall_ns < came_wall)
			wall_ns = came_wall;
	}
	irtt_put_time(packet, fields.send, fields.clock, wall_ns, monotonic_ns);
}

static bool
is_text(const struct irtt_params *params, const char *text)
{
	return params->fill_length == strlen(text) &&
	    memcmp(params->fill, text, params->fill_length) == 0;
}

/* False if it is nothing that is known. */
static bool
read_fill(struct irtt_fill *fill, const struct irtt_params *params)
{
	static const char pattern[] = "pattern:";
	const size_t head = sizeof(pattern) - 1;
	char digits[3] = "";
	size_t at;
	int byte;

	*fill = (struct irtt_fill){ .random = is_text(params, "rand") };
	if (fill->random || params->fill_length == 0 || is_text(params, "none"))
		return true;
	if (params->fill_length <= head || params->fill_length % 2 != 0 ||
	    memcmp(params->fill, pattern, head) != 0)
		return false;
	for (at = head; at < params->fill_length; at += 2) {
		memcpy(digits, params->fill + at, 2);
		byte = hex_byte(digits);
		if (byte < 0)
			return false;
		fill->pattern[fill->length++] = (uint8_t)byte;
	}
	return true;
}

/* Lower the value to most, or raise it to least; has that changed it? */
static bool
confine(int64_t *value, int64_t least, int64_t most)
{
	const int64_t before = *value;

	if (*value < least)
		*value = least;
	if (*value > most)
		*value = most;
	return *value != before;
}

bool
irtt_lower_params(struct irtt_params *params, const struct irtt_limits *limits,
    struct irtt_fill *fill)
{
	bool changed = confine(&params->duration, 0, limits->duration);

	changed |= confine(
	    &params->interval, limits->least_interval, limits->most_interval);
	changed |= confine(&params->length, 0, limits->length);
	if (read_fill(fill, params))
		return changed;
	*fill = (struct irtt_fill){ .random = false };
	params->fill_length = 0;
	return true;
}

/* Xorshift (Marsaglia, 2003), eight bytes at a time. */
static void
fill_random(uint64_t seed, uint8_t *bytes, size_t length)
{
	uint64_t x = seed != 0 ? seed : 1;
	uint8_t eight[8];
	size_t part;

	for (; length > 0; length -= part, bytes += part) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		bytes_put64(eight, x);
		part = length < sizeof(eight) ? length : sizeof(eight);
		memcpy(bytes, eight, part);
	}
}

void
irtt_fill(
    const struct irtt_fill *fill, uint64_t seed, uint8_t *bytes, size_t length)
{
	size_t i;

	if (fill->random)
		fill_random(seed, bytes, length);
	else if (fill->length == 0)
		memset(bytes, 0, length);
	else
		for (i = 0; i < length; i++)
			bytes[i] = fill->pattern[i % fill->length];
}
