/* SPDX-License-Identifier: ISC */
/*
 * IRTT, protocol version 1: what would a test be like?  A request to open and
 * to close begins none, and its answer has the parameters as the server would
 * have them.  The interval has the number: one of seconds is no server's limit.
 */
#include "probe/protocols/protocol.h"

#include "common/varint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint8_t magic[] = { 0x14, 0xa7, 0x5b };

#define FLAGS 3
#define HEADER 4
#define TOKEN 8

enum { OPEN = 1, REPLY = 2, CLOSE = 4 };
enum { VERSION = 1, DURATION = 2, INTERVAL = 3, FILL = 9 };

/* In nanoseconds: what is asked for, and what is added to the number. */
#define HOUR (UINT64_C(3600) * 1000000000)
#define SECOND UINT64_C(1000000000)

/* Every value is of 63 bits here, and written times 2. */
static uint8_t *
put(uint8_t *at, unsigned int param, uint64_t value)
{
	return varint_put(varint_put(at, param), value << 1);
}

static int
irtt_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	uint8_t *at = request + HEADER;

	memcpy(request, magic, sizeof(magic));
	request[FLAGS] = OPEN | CLOSE;
	at = put(at, VERSION, 1);
	at = put(at, DURATION, HOUR);
	at = put(at, INTERVAL, SECOND + protocol_mask(query, sequence));
	return (int)(at - request);
}

/* The values of the first parameters; false if it is cut short. */
static bool
read_params(const uint8_t *at, const uint8_t *end, uint64_t values[FILL])
{
	uint64_t param, value;

	while (at < end) {
		if (!varint_read(&at, end, &param) ||
		    !varint_read(&at, end, &value))
			return false;
		if (param < FILL)
			values[param] = value >> 1;
		if (param != FILL)
			continue;
		if (value > (uint64_t)(end - at))
			return false;
		at += value;
	}
	return true;
}

static bool
irtt_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	uint64_t values[FILL] = { 0 };

	if (length < HEADER + TOKEN ||
	    memcmp(data, magic, sizeof(magic)) != 0 ||
	    (data[FLAGS] & ~CLOSE) != (OPEN | REPLY) ||
	    !read_params(data + HEADER + TOKEN, data + length, values) ||
	    values[INTERVAL] < SECOND || values[INTERVAL] - SECOND > UINT32_MAX)
		return false;
	answer->sequence =
	    protocol_mask(query, (uint32_t)(values[INTERVAL] - SECOND));
	answer->bits = 32;
	if (values[DURATION] < HOUR)
		snprintf(answer->detail, sizeof(answer->detail),
		    "tests of %" PRIu64 " s at most",
		    values[DURATION] / SECOND);
	return true;
}

const struct protocol protocol_irtt = {
	.name = "irtt",
	.summary = "IRTT: what a test would be like, without one",
	.port = 2112,
	.build = irtt_build,
	.match = irtt_match,
};
