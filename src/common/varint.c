/* SPDX-License-Identifier: ISC */
/*
 * See varint.h.
 */
#include "common/varint.h"

bool
varint_read(const uint8_t **at, const uint8_t *end, uint64_t *number)
{
	unsigned int shift;
	uint64_t bits;

	*number = 0;
	for (shift = 0; shift < 64 && *at < end; shift += 7) {
		bits = **at & 0x7f;
		/* Only one bit is left. */
		if (shift == 63 && bits > 1)
			return false;
		*number |= bits << shift;
		if ((*(*at)++ & 0x80) == 0)
			return true;
	}
	return false;
}

uint8_t *
varint_put(uint8_t *at, uint64_t number)
{
	for (; number > 0x7f; number >>= 7)
		*at++ = (uint8_t)(number | 0x80);
	*at++ = (uint8_t)number;
	return at;
}
