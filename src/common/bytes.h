/* SPDX-License-Identifier: ISC */
/*
 * Numbers in network order, highest byte first, at any alignment; those with a
 * little in their names, lowest byte first.  Compilers turn each function into
 * one or two instructions.
 */
#ifndef COMMON_BYTES_H
#define COMMON_BYTES_H

#include <stdint.h>

/* The low 16 bits of the number. */
static inline void
bytes_put16(uint8_t *at, unsigned int number)
{
	at[0] = (uint8_t)(number >> 8);
	at[1] = (uint8_t)number;
}

static inline void
bytes_put32(uint8_t *at, uint32_t number)
{
	bytes_put16(at, number >> 16);
	bytes_put16(at + 2, number & 0xffff);
}

static inline void
bytes_put64(uint8_t *at, uint64_t number)
{
	bytes_put32(at, (uint32_t)(number >> 32));
	bytes_put32(at + 4, (uint32_t)number);
}

static inline unsigned int
bytes_get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static inline uint32_t
bytes_get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

static inline uint64_t
bytes_get64(const uint8_t *at)
{
	return (uint64_t)bytes_get32(at) << 32 | bytes_get32(at + 4);
}

static inline void
bytes_put_little32(uint8_t *at, uint32_t number)
{
	bytes_put32(at, __builtin_bswap32(number));
}

static inline void
bytes_put_little64(uint8_t *at, uint64_t number)
{
	bytes_put64(at, __builtin_bswap64(number));
}

static inline uint32_t
bytes_get_little32(const uint8_t *at)
{
	return __builtin_bswap32(bytes_get32(at));
}

static inline uint64_t
bytes_get_little64(const uint8_t *at)
{
	return __builtin_bswap64(bytes_get64(at));
}

#endif
